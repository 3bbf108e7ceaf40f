import { z } from 'zod'
import { errorAnswer, sendErrors } from './error-bodies.ts'
import type { Answer } from './http/answer.ts'
import type { Manner } from './http/odd-answer.ts'

/**
 * Trouble that a test orders for an instance, or for all with `*`; `{}` calls it off.
 * `failRate` is the share of calls that fail (default 1 once a failure is described), `times` ends it after so many,
 * `sends` lets the message leave although the call fails (default: only with `close: 'after-reading'`). `drip` lets the
 * answer out in small pieces, `garbage` spoils it: the true one, unless a status was given too.
 */
export const Program = z.strictObject({
  failRate: z.number().min(0).max(1).optional(),
  status: z.number().int().min(200).max(599).optional(),
  body: z.unknown().optional(),
  headers: z.record(z.string().regex(/^[\w-]{1,64}$/), z.string().regex(/^[\x20-\x7e]{0,1000}$/)).optional(),
  delayMs: z.number().int().min(0).max(600_000).optional(),
  close: z.enum(['before-reading', 'after-reading']).optional(),
  drip: z
    .strictObject({ bytes: z.number().int().min(1).max(65_536), everyMs: z.number().int().min(1).max(60_000) })
    .optional(),
  garbage: z.enum(['html', 'cut-json', 'broken-http']).optional(),
  sends: z.boolean().optional(),
  times: z.number().int().min(1).optional(),
})
export type Program = z.infer<typeof Program>

/** What a program does to one call. */
export type Stroke = Readonly<{
  delayMs: number
  /** Stands in for the answer. */
  failure: Answer | undefined
  /** Whether the message leaves under a failure. */
  sends: boolean
  /** How the answer goes out, whichever it is. */
  manner: Manner | undefined
}>

export type Programs = Readonly<{
  set(name: string, program: Program): void
  hangsUpBeforeReading(name: string): boolean
  draw(name: string): Stroke | undefined
}>

export function createPrograms(random: () => number = Math.random): Programs {
  const byName = new Map<string, Program>()

  return {
    set(name, program) {
      if (Object.keys(program).length === 0) byName.delete(name)
      else byName.set(name, program)
    },
    hangsUpBeforeReading(name) {
      const program = find(name)
      return program?.close === 'before-reading' && strikes(name, program)
    },
    draw(name) {
      const program = find(name)
      if (program === undefined || program.close === 'before-reading') return undefined
      const delayMs = program.delayMs ?? 0
      const fails = describesFailure(program) && strikes(name, program)
      if (!describesFailure(program) && program.times !== undefined) useUp(name, program)
      return {
        delayMs,
        failure: fails ? failureOf(program) : undefined,
        sends: program.sends ?? program.close === 'after-reading',
        manner: fails || !describesFailure(program) ? mannerOf(program) : undefined,
      }
    },
  }

  function find(name: string): Program | undefined {
    return byName.get(name) ?? byName.get('*')
  }

  function strikes(name: string, program: Program): boolean {
    if (random() >= (program.failRate ?? 1)) return false
    useUp(name, program)
    return true
  }

  function useUp(name: string, program: Program): void {
    if (program.times === undefined) return
    const owner = byName.has(name) ? name : '*'
    if (program.times <= 1) byName.delete(owner)
    else byName.set(owner, { ...program, times: program.times - 1 })
  }
}

function describesFailure({ close, status, failRate, garbage }: Program): boolean {
  return close !== undefined || status !== undefined || failRate !== undefined || garbage !== undefined
}

function mannerOf({ garbage, drip }: Program): Manner | undefined {
  if (garbage !== undefined) return { kind: garbage }
  return drip === undefined ? undefined : { kind: 'drip', ...drip }
}

/**
 * The failure nobody described is one that passes: the database was down before anything was sent. Garbage without a
 * status is what becomes of the true answer.
 */
function failureOf(program: Program): Answer | undefined {
  if (program.close === 'after-reading') return 'hang-up'
  if (program.garbage !== undefined && program.status === undefined) return undefined
  const { status = 500, body, headers } = program
  const answer = body === undefined ? wordsFor(status) : { status, body }
  return answer === 'hang-up' || headers === undefined ? answer : { ...answer, headers }
}

function wordsFor(status: number): Answer {
  return status === 500 ? sendErrors.databaseDown : errorAnswer(status, `Programmed ${status}`)
}
