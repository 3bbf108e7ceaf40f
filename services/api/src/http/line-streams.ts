import { pipeline } from 'node:stream/promises'
import type { Part } from '@whatsapp-sender/service-runtime'
import type { Response } from 'express'
import { ProblemError } from './problem.ts'

/** Answers of any length: JSON, a line for each (NDJSON). */
export type LineStreams = Part &
  Readonly<{
    /**
     * Takes a place for an answer, and returns what sends it. Lines are asked for as the client takes them, so one of them
     * and a page of the database is what an answer holds.
     * @throws {ProblemError} 503 when all places are taken
     */
    open(res: Response): (lines: AsyncIterable<unknown>) => Promise<void>
  }>

const OPEN_MAX = 4
/** Whoever reads so slowly must not hold a place for ever. */
const LONGEST_MS = 15 * 60_000

export function createLineStreams({ openMax = OPEN_MAX, longestMs = LONGEST_MS } = {}): LineStreams {
  const stopping = new AbortController()
  let open = 0
  return {
    name: 'long answers',
    open: (res) => {
      if (open >= openMax) {
        throw new ProblemError('overloaded', 'Too many long answers are being read.', { retryAfterSeconds: 30 })
      }
      open++
      res.once('close', () => {
        open--
      })
      return async (lines) => {
        const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(longestMs)])
        const rest = lines[Symbol.asyncIterator]()
        // What fails here can still be told in words.
        const first = await rest.next()
        res.type('application/x-ndjson').setHeader('Cache-Control', 'no-store')
        try {
          await pipeline(textOf(first, rest), res, { signal })
        } catch (err) {
          // The client went away, was too slow, or this process ends; the answer is cut, which shows, for its end is missing.
          if (!(signal.aborted || isGone(err))) throw err
        }
      }
    },
    stop: async () => stopping.abort(),
  }
}

async function* textOf(first: IteratorResult<unknown>, rest: AsyncIterator<unknown>): AsyncGenerator<string> {
  try {
    for (let line = first; line.done !== true; line = await rest.next()) yield `${JSON.stringify(line.value)}\n`
  } finally {
    await rest.return?.()
  }
}

function isGone(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === 'ERR_STREAM_PREMATURE_CLOSE'
}
