import { writeFile } from 'node:fs/promises'
import { createOpenApiDocument } from './document.ts'
import { DOCUMENT_FILE } from './document-file.ts'

// `npm run openapi -w services/api`: what the API serves at /openapi.json, made anew from the schemas.
await writeFile(DOCUMENT_FILE, `${JSON.stringify(createOpenApiDocument(), null, 2)}\n`)
