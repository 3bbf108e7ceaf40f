/** A Kafka response is four bytes that say how long the rest is, and the rest. */
const SIZE_BYTES = 4

/** More than any answer to requests that ask for 4 MiB at most; a size beyond it is no size. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024

/**
 * Keeps what comes until it is whole frames. Of one connection: what is left of a frame goes with it.
 * @returns for each piece the frames that are whole by now, as one piece; undefined when there are none
 * @throws {RangeError} when what comes is not in frames
 */
export function createWholeFrames(): (piece: Buffer) => Buffer | undefined {
  let pieces: Buffer[] = []
  let bytes = 0
  let needed = SIZE_BYTES
  return (piece) => {
    pieces.push(piece)
    bytes += piece.length
    if (bytes < needed) return undefined
    const all = pieces.length === 1 ? piece : Buffer.concat(pieces, bytes)
    let whole = 0
    needed = SIZE_BYTES
    while (all.length - whole >= SIZE_BYTES) {
      needed = SIZE_BYTES + sizeAt(all, whole)
      if (all.length - whole < needed) break
      whole += needed
      needed = SIZE_BYTES
    }
    const rest = all.subarray(whole)
    pieces = rest.length === 0 ? [] : [rest]
    bytes = rest.length
    return whole === 0 ? undefined : all.subarray(0, whole)
  }
}

function sizeAt(bytes: Buffer, at: number): number {
  const size = bytes.readInt32BE(at)
  if (size < 0 || size > FRAME_BYTES_MAX) throw new RangeError(`${size} is no size of a Kafka response`)
  return size
}
