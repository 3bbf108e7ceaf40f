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

/**
 * Does something and answers with what came of it. When the request has an `Idempotency-Key`, its repetitions are answered
 * with the same for a day, and do nothing. What fails or is refused frees the key.
 * @throws {ProblemError} 400, 409, 422, and what `act` throws
 */
export type Once = (
  req: Request,
  res: Response,
  by: Readonly<{ id: string }>,
  act: () => Promise<Answer>,
) => Promise<void>

export function createOnce(o: {
  answers: IdempotentAnswers
  /** Done, and not written down: a repetition may do it again. */
  onNotKept: (err: unknown) => void
}): Once {
  return async (req, res, by, act) => {
    const key = idempotencyKeyOf(req)
    if (key === undefined) return send(res, await act())
    const route = `${req.method} ${req.path}`
    const begun = await o.answers.begin({ user: by.id, route, key, bodyHash: hashOf(req.body) }, new Date())
    switch (begun.kind) {
      case 'answered':
        return send(res.set('Idempotent-Replayed', 'true'), Answer.parse(JSON.parse(begun.answer)))
      case 'reused':
        throw new ProblemError('idempotency-key-reused', 'This Idempotency-Key was used for another request.')
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
