import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY_MS = 200
/** What one look reads of a file. The rest comes with the next ones. */
const BYTES_MAX = 256 * 1024
/** A person reads no more; the file has them all. */
const LINES_MAX = 50

type FollowOptions = Readonly<{
  directory: string
  names: readonly string[]
  print(text: string): void
  lineOf(line: string): string
  signal: AbortSignal
}>

/** Prints what is added to the files from now on, until `signal` is aborted. A file may come later, or begin anew. */
export async function followLogs(o: FollowOptions): Promise<Readonly<{ ended: Promise<void> }>> {
  const tails = await Promise.all(
    o.names.map(async (name) => {
      const path = join(o.directory, name)
      return { name, path, from: await sizeOf(path) }
    }),
  )
  return { ended: follow(o, tails) }
}

type Tail = { readonly name: string; readonly path: string; from: number }

async function follow(o: FollowOptions, tails: readonly Tail[]): Promise<void> {
  while (!o.signal.aborted) {
    for (const tail of tails) show(o, tail.name, await readMore(tail))
    // Nothing is left to be told when it is aborted meanwhile.
    await sleep(LOOK_EVERY_MS, undefined, { signal: o.signal, ref: false }).catch(() => {})
  }
}

/** Whole lines only: of the last one the rest is still to come. */
async function readMore(tail: Tail): Promise<string[]> {
  const size = await sizeOf(tail.path)
  if (size < tail.from) tail.from = 0
  if (size === tail.from) return []
  const file = await open(tail.path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size - tail.from, BYTES_MAX)), {
      position: tail.from,
    })
    const whole = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1
    // A line that is longer than all that is read is passed over.
    tail.from += whole === 0 && bytesRead === BYTES_MAX ? bytesRead : whole
    return buffer.toString('utf8', 0, whole).split('\n').slice(0, -1)
  } finally {
    await file.close()
  }
}

function show(o: Pick<FollowOptions, 'print' | 'lineOf'>, name: string, lines: string[]): void {
  const shown = lines.slice(0, LINES_MAX)
  if (shown.length > 0) o.print(shown.map(o.lineOf).join('\n'))
  if (lines.length > LINES_MAX) o.print(`… and ${lines.length - LINES_MAX} more lines in ${name}`)
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  return found?.size ?? 0
}
