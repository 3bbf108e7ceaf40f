import { readFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'
import ts from 'typescript'

/** What the API serves as its description. */
const DOCUMENT_FILE = new URL('../../../../services/api/openapi.json', import.meta.url)

export const TYPES_FILE = new URL('../api.generated.ts', import.meta.url)

const HEADER = '// Generated from services/api/openapi.json by `npm run client`: do not change it by hand.\n\n'

/** The text of `TYPES_FILE`, made anew. */
export async function typesOfDocument(): Promise<string> {
  const document = await readFile(DOCUMENT_FILE, 'utf8')
  const blob = ts.factory.createTypeReferenceNode('Blob')
  const nodes = await openapiTS(document, {
    // What has a default may be left out.
    defaultNonNullable: false,
    transform: ({ format }) => (format === 'binary' ? blob : undefined),
  })
  return HEADER + astToString(nodes)
}
