import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'

const SCOPE = '@whatsapp-sender/'

/** Every file of the repository that a program loads, and the packages that these name, as it starts or later. */
export async function importedFiles(main: string): Promise<{ files: readonly string[]; packages: readonly string[] }> {
  const files = new Set<string>()
  const packages = new Set<string>()
  const open = [join(repositoryRoot, main)]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue
    files.add(file)
    for (const specifier of specifiersIn(await readFile(file, 'utf8'))) {
      if (specifier.startsWith('.')) open.push(join(dirname(file), specifier))
      else if (specifier.startsWith(SCOPE)) open.push(fileURLToPath(import.meta.resolve(specifier, `file://${file}`)))
      else if (!specifier.startsWith('node:'))
        packages.add(
          specifier
            .split('/')
            .slice(0, specifier[0] === '@' ? 2 : 1)
            .join('/'),
        )
    }
  }
  return { files: [...files].map((file) => relative(repositoryRoot, file)), packages: [...packages] }
}

function specifiersIn(source: string): string[] {
  const imports = source.matchAll(/^(?!import type|export type)(?:(?:import|export) .*|\} )from '([^']+)'$/gm)
  const workers = source.matchAll(/new URL\('(\.[^']*\.ts)', import\.meta\.url\)/g)
  return [...imports, ...workers].map(([, specifier]) => specifier ?? '')
}
