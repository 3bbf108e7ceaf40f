import { mkdir, writeFile } from 'node:fs/promises'
import { COLLECTION_FILE, createCollection } from './collection.ts'
import { createOpenApiDocument } from './document.ts'
import { DOCUMENT_FILE } from './document-file.ts'

// `npm run openapi`: what the API serves at /openapi.json, and the collection of its requests, made anew from the schemas.
await mkdir(new URL('.', COLLECTION_FILE), { recursive: true })
await writeFile(DOCUMENT_FILE, inLines(createOpenApiDocument()))
await writeFile(COLLECTION_FILE, inLines(createCollection()))

function inLines(made: unknown): string {
  return `${JSON.stringify(made, null, 2)}\n`
}
