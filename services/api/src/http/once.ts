import { createHash } from 'node:crypto'
import type { IdempotentAnswers } from '@whatsapp-sender/store'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { ProblemError } from './problem.ts'

/** `status` is a success: what was not done is thrown, and is not remembered. */
export type Answer = z.infer<typeof Answer>

const Answer = z.object({
  status: z.int().min(200).max(299),
  headers: z.record(z.string(), z.string()).optional(),
  /** As JSON has it. */
  body: z.unknown(),
})

/** A body that is read as it comes: nobody knows at the beginning whether it is the one of before. */
type StreamedAct = Readonly<{
  act(): Promise<Answer>
  /** Longer than the request may take. */
  leaseMs: number
  /** Reads it to its end, and tells whether it is what was answered so. */
  isSame(answer: Answer): Promise<boolean>
}>

/**
 * Does something and answers with what came of it. When the request has an `Idempotency-Key`, its repetitions are answered
 * with the same for a day, and do nothing. What fails or is refused frees the key.
 * @throws {ProblemError} 400, 409, 422, and what `act` throws
 */
export type Once = (
  req: Request,
  res: Response,
  by: Readonly<{ id: string }>,
  act: (() => Promise<Answer>) | StreamedAct,
) => Promise<void>

export function createOnce(o: {
  answers: IdempotentAnswers
  /** Done, and not written down: a repetition may do it again. */
  onNotKept: (err: unknown) => void
}): Once {
  return async (req, res, by, what) => {
    const { act, leaseMs, isSame } = typeof what === 'function' ? { act: what } : what
    const key = idempotencyKeyOf(req)
    if (key === undefined) return send(res, await act())
    const route = `${req.method} ${req.path}`
    const named = { user: by.id, route, key, bodyHash: hashOf(req.body) }
    const begun = await o.answers.begin(named, new Date(), leaseMs)
    switch (begun.kind) {
      case 'answered': {
        const answer = Answer.parse(JSON.parse(begun.answer))
        if (isSame !== undefined && !(await isSame(answer))) throw reused()
        return send(res.set('Idempotent-Replayed', 'true'), answer)
      }
      case 'reused':
        throw reused()
      case 'under-way':
        throw new ProblemError('request-under-way', 'The first request with this Idempotency-Key is being worked on.', {
          retryAfterSeconds: 1,
        })
      case 'begun': {
        const answer = await act().catch(async (err: unknown) => {
          await o.answers.free(begun.turn).catch(o.onNotKept)
          throw err
        })
        await o.answers.keep(begun.turn, JSON.stringify(answer)).catch(o.onNotKept)
        return send(res, answer)
      }
    }
  }
}

function reused(): ProblemError {
  return new ProblemError('idempotency-key-reused', 'This Idempotency-Key was used for another request.')
}

function send(res: Response, { status, headers = {}, body }: Answer): void {
  res.status(status).set(headers).json(body)
}

/** Of the same body, in whatever order its fields come. */
function hashOf(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(body ?? null, sortedFields))
    .digest('base64url')
}

function sortedFields(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
