import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { DestinationStream } from 'pino'

export type LogFileOptions = Readonly<{
  directory: string
  name: string
  /** A file grows no further than this. */
  bytesMax?: number
  /** Files before it that are kept: `<name>.1` is the newest. */
  olderMax?: number
  /** Lines go to stdout all the same. Said once, until a line could be written again. */
  onFailed(err: unknown): void
  onRecovered(lost: number): void
}>

const BYTES_MAX = 32 * 1024 * 1024
const OLDER_MAX = 4

/**
 * A file that is followed by the next when it is full, so that logs never fill a disk; the oldest one is removed. What
 * cannot be written is dropped: a disk that is full must not end a process that sends.
 * @throws when the folder or the file cannot be made
 */
export function openLogFile(o: LogFileOptions): DestinationStream {
  const { bytesMax = BYTES_MAX } = o
  mkdirSync(o.directory, { recursive: true })
  let file = openFile(o)
  let lost = 0

  const write = (line: string): void => {
    const bytes = Buffer.byteLength(line)
    if (file.bytes > 0 && file.bytes + bytes > bytesMax) {
      makeRoom(o, file)
      closeSync(file.fd)
      file = openFile(o)
    }
    writeSync(file.fd, line)
    file.bytes += bytes
  }

  return {
    write: (line) => {
      try {
        write(line)
      } catch (err) {
        lost += 1
        // What it says is a line too, which must not come within this one.
        if (lost === 1) setImmediate(o.onFailed, err)
        return
      }
      if (lost > 0) setImmediate(o.onRecovered, lost)
      lost = 0
    },
  }
}

type OpenFile = { fd: number; bytes: number }

function openFile({ directory, name }: LogFileOptions): OpenFile {
  const fd = openSync(join(directory, name), 'a', 0o640)
  return { fd, bytes: fstatSync(fd).size }
}

function makeRoom({ directory, name, olderMax = OLDER_MAX }: LogFileOptions, { fd }: OpenFile): void {
  const path = join(directory, name)
  // Another process of the same name has made room already, and goes on in the new file.
  if (statSync(path, { throwIfNoEntry: false })?.ino !== fstatSync(fd).ino) return
  rmSync(`${path}.${olderMax}`, { force: true })
  for (let age = olderMax - 1; age >= 1; age--) {
    if (statSync(`${path}.${age}`, { throwIfNoEntry: false })) renameSync(`${path}.${age}`, `${path}.${age + 1}`)
  }
  renameSync(path, `${path}.1`)
}
