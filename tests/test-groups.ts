import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { GroupKind } from './run-groups.ts'

/** What shares a control plane, by `startControlPlane`: to start one takes ten seconds, and a group has one lane. */
const ON_KUBERNETES = /^(tests\/kubernetes|services\/operator\/tests)\//

/** What runs on one system, by `sharedSystem`. */
const ON_ONE_SYSTEM = /^tests\/(end-to-end\/on-one-system\/|readme\/client\.)/

/**
 * Test files that share a process, so many at most: starting one and loading what it tests costs more than most of them
 * do. What starts programs, or floods what it tests, has a process of its own.
 */
const TOGETHER: readonly (readonly [place: RegExp, filesMax: number])[] = [
  [ON_ONE_SYSTEM, 20],
  [ON_KUBERNETES, 8],
  [/^services\/api\/tests\/(?!accept\.|overload\.)/, 6],
  [/^packages\/store\/tests\//, 12],
  [/^packages\/[^/]+\/tests\//, 12],
  [/^services\/consumer\/src\//, 30],
  [/^services\/api\/src\/(?!users\/password-worker)/, 30],
  [/^services\/consumer\/tests\//, 3],
  [/^packages\/[^/]+\/src\//, 30],
  [/^sandbox\/evolution\//, 40],
  [/^sandbox\/(process|startup|embedded)\//, 20],
  [/^tests\/classifier\//, 2],
]

/** What runs here starts programs of its own, and then waits for them, for time-outs, or for another member to take over. */
const WAITING: readonly RegExp[] = [/^tests\/(end-to-end|faults|interleavings|ingest|start)\//]

/** Files that one process runs, in their order. */
export type TestGroup = readonly string[]

/** @param files in the order in which they are to begin; that of the groups is that of their first files */
export function groupsOf(files: readonly string[]): TestGroup[] {
  const groups: string[][] = []
  const open = new Map<RegExp, string[]>()
  for (const file of files) {
    const [place, filesMax = 1] = TOGETHER.find(([place]) => place.test(file)) ?? []
    const group = place && open.get(place)
    if (group !== undefined && group.length < filesMax) {
      group.push(file)
      continue
    }
    const begun = [file]
    groups.push(begun)
    if (place) open.set(place, begun)
  }
  return groups
}

export function kindOf([first = '']: TestGroup): GroupKind {
  return WAITING.some((place) => place.test(first)) ? 'waiting' : 'busy'
}

/** The file that a process of Node's test runner gets for a group: the only one, or one in `directory` that loads all. */
export async function entryOf(group: TestGroup, directory: string): Promise<string> {
  const [only = ''] = group
  if (group.length === 1 && !ON_ONE_SYSTEM.test(only)) return resolve(only)
  const entry = join(directory, `${only.replaceAll(/[^\w.-]/g, '-')}.mjs`)
  const loader = pathToFileURL(join(import.meta.dirname, 'load-together.ts')).href
  const load = `import { loadTogether } from ${JSON.stringify(loader)}\nawait loadTogether(${JSON.stringify(group)})\n`
  await writeFile(entry, load)
  return entry
}
