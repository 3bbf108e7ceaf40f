import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

const Definition = z.looseObject({ kind: z.literal('CustomResourceDefinition') })

/** The definitions of the resources of other operators that `render` uses; see NOTICE. */
export async function foreignDefinitions(): Promise<readonly object[]> {
  const definitions: object[] = []
  for await (const file of glob('infra/tests/crds/*.yaml', { cwd: repositoryRoot })) {
    const documents = parseAllDocuments(await readFile(join(repositoryRoot, file), 'utf8'))
    definitions.push(...documents.map((document) => Definition.parse(document.toJS())))
  }
  return definitions
}
