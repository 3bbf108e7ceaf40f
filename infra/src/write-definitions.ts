import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { definitionFiles } from './definition-files.ts'

// `npm run crds -w infra`: everything that is made from the specifications, made anew.
const ROOT = join(import.meta.dirname, '..', '..')

for (const [file, content] of definitionFiles()) {
  await mkdir(join(ROOT, file, '..'), { recursive: true })
  await writeFile(join(ROOT, file), content)
}
