import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Asks the operating system to forget what it holds of the database's files, so that the next reads come from the disk.
 * What the database holds in a cache of its own stays.
 */
export function dropFileCache(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (!name.endsWith('.wt')) continue
    execFileSync('dd', [`if=${join(dataDir, name)}`, 'iflag=nocache', 'count=0', 'status=none'])
  }
}
