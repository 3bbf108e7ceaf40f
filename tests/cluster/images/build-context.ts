import { createHash } from 'node:crypto'
import { cp, lstat, mkdir, readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, matchesGlob, relative } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'

/** What of the repository may enter an image: `.dockerignore` keeps out the rest. */
export type BuildContext = Readonly<{
  /** A file goes into `to` when that ends with a slash, else it becomes `to`; of a folder its content goes into `to`. */
  copy(from: string, to: string): Promise<void>
  /** Another one when any of its files, the Dockerfile or this Node.js is another one. */
  hash(): Promise<string>
}>

export async function openBuildContext(): Promise<BuildContext> {
  const isIgnored = ignoring(await readFile(join(repositoryRoot, '.dockerignore'), 'utf8'))
  return {
    async copy(from, to) {
      if (isIgnored(from)) throw new Error(`COPY ${from}: .dockerignore keeps it out`)
      const source = join(repositoryRoot, from)
      const isFolder = (await lstat(source)).isDirectory()
      const target = !isFolder && to.endsWith('/') ? join(to, basename(from)) : to
      await mkdir(isFolder ? target : dirname(target), { recursive: true })
      const filter = (path: string) => path === source || !isIgnored(relative(repositoryRoot, path))
      await cp(source, target, { recursive: true, filter, verbatimSymlinks: true })
    },
    async hash() {
      const hash = createHash('sha256').update(process.version)
      const files = await filesBelow('', isIgnored)
      for (const file of ['Dockerfile', ...files.sort()]) {
        hash.update(`\0${file}\0`).update(await readFile(join(repositoryRoot, file)))
      }
      return hash.digest('hex').slice(0, 16)
    },
  }
}

/** The last pattern that matches a path, or a folder above it, decides. */
function ignoring(file: string): (path: string) => boolean {
  const patterns = file
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ glob: line.replace(/^!/, ''), isKept: line.startsWith('!') }))
  return (path) => {
    const names = [path, ...foldersAbove(path)]
    return patterns.findLast(({ glob }) => names.some((name) => matchesGlob(name, glob)))?.isKept === false
  }
}

function foldersAbove(path: string): readonly string[] {
  const above = dirname(path)
  return above === '.' ? [] : [above, ...foldersAbove(above)]
}

async function filesBelow(folder: string, isIgnored: (path: string) => boolean): Promise<string[]> {
  const entries = await readdir(join(repositoryRoot, folder), { withFileTypes: true })
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name)
    if (folder !== '' && isIgnored(path)) return []
    if (entry.isDirectory()) return folder === '' && entry.name.startsWith('.') ? [] : await filesBelow(path, isIgnored)
    return entry.isFile() && !isIgnored(path) ? [path] : []
  })
  return (await Promise.all(found)).flat()
}
