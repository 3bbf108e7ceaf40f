import { copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoBinary } from 'mongodb-memory-server-core'

const DOWNLOAD_TIMEOUT_MS = 300_000

/** The vendor's own binary for this system, in the version that the library is made for. */
export async function fetchOfficial(directory: string, signal?: AbortSignal): Promise<string> {
  const done = new AbortController()
  const gaveUp = sleep(DOWNLOAD_TIMEOUT_MS, undefined, {
    signal: AbortSignal.any(signal === undefined ? [done.signal] : [done.signal, signal]),
  }).then(() => {
    throw new Error(`not there after ${DOWNLOAD_TIMEOUT_MS / 1000} s`)
  })
  // Where the network forbids it there is another source, and no reason to insist.
  process.env['MONGOMS_MAX_RETRIES'] ??= '1'
  try {
    const downloaded = await Promise.race([MongoBinary.getPath({ downloadDir: directory, checkMD5: true }), gaveUp])
    const file = join(directory, 'mongod')
    await copyFile(downloaded, `${file}.${process.pid}`)
    await rename(`${file}.${process.pid}`, file)
    await rm(downloaded, { force: true })
    return file
  } finally {
    done.abort()
    await gaveUp.catch(() => undefined)
  }
}
