import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import type { Policy } from './history.ts'
import type { Row, Size } from './row.ts'

const run = promisify(execFile)

/** Where runs are kept: whatever is done with the same code, seed and lengths is not done again. */
export const KEPT_RUNS = join(repositoryRoot, '.faults')

/** One row under one policy and seed, and the folder of what it leaves. */
export type PlannedRow = Readonly<{ row: Row; policy: Policy; seed: string; directory: string }>

export function planRuns(
  rows: readonly Row[],
  o: Readonly<{ seeds: readonly string[]; size: Size; commit: string }>,
): PlannedRow[] {
  return o.seeds.flatMap((seed) =>
    rows.flatMap((row) =>
      row.policies.map((policy) => ({
        row,
        policy,
        seed,
        directory: join(KEPT_RUNS, `${o.commit}-${o.size}-${seed}`, `${String(row.number).padStart(2, '0')}-${policy}`),
      })),
    ),
  )
}

/** Names the code that runs: its commit, and what of it is not committed. */
export async function currentCommit(): Promise<string> {
  const git = async (...args: string[]) =>
    (await run('git', args, { cwd: repositoryRoot, maxBuffer: 256 * 1_048_576 })).stdout
  try {
    const commit = (await git('rev-parse', '--short=12', 'HEAD')).trim()
    const changes = (await git('status', '--porcelain')) + (await git('diff', 'HEAD'))
    return changes === '' ? commit : `${commit}+${hash('sha256', changes).slice(0, 6)}`
  } catch {
    return 'uncommitted'
  }
}
