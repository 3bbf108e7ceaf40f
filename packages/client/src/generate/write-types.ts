import { writeFile } from 'node:fs/promises'
import { TYPES_FILE, typesOfDocument } from './types-of.ts'

// `npm run client`: the types of the client, made anew from the description that the API serves.
await writeFile(TYPES_FILE, await typesOfDocument())
