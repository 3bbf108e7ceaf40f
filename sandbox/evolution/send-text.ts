import { hash } from 'node:crypto'
import { schemaError, sendErrors } from './error-bodies.ts'
import type { Sending } from './hand-over.ts'
import type { Answer } from './http/answer.ts'
import type { Call } from './http/router.ts'
import { type EvolutionInstance, isInMemory } from './instances.ts'
import { jidOf } from './jid.ts'
import type { Journal } from './journal.ts'
import { isJsonObject } from './json.ts'
import type { NumberCheck } from './number-check.ts'
import type { Programs, Stroke } from './programs.ts'
import { sendTextFaults } from './send-text-schema.ts'
import { wait } from './wait.ts'

/** One `sendText` request as it ended; `status` 0 stands for a connection that was reset. */
export type RequestEntry = Readonly<{
  at: string
  answeredAt: string
  instance: string
  number: string | undefined
  /** First 16 hexadecimal digits of the text's SHA-256. */
  textHash: string | undefined
  status: number
}>

export type SendTextParts = Readonly<{
  programs: Programs
  numberCheck: NumberCheck
  requests: Journal<RequestEntry>
  handOver(o: Sending): Promise<Answer>
}>

type Request = Readonly<{ instance: EvolutionInstance; number: string; text: string; delayMs: number }>

/** `POST /message/sendText/{instance}`. Nothing here listens for a caller who hangs up: the send goes on without him. */
export function createSendText(parts: SendTextParts) {
  let inFlight = 0
  let inFlightPeak = 0

  return { stats, resetPeak, beforeBody, handle }

  function stats() {
    return { inFlight, inFlightPeak }
  }

  function resetPeak(): void {
    inFlightPeak = inFlight
  }

  function beforeBody(name: string): Answer | undefined {
    if (!parts.programs.hangsUpBeforeReading(name)) return undefined
    record({ startedAt: new Date(), name, number: undefined, text: undefined, answer: 'hang-up' })
    return 'hang-up'
  }

  async function handle(call: Call, instance: EvolutionInstance): Promise<Answer> {
    const startedAt = new Date()
    inFlight += 1
    inFlightPeak = Math.max(inFlightPeak, inFlight)
    const { number, text } = fieldsOf(call.body)
    let answer: Answer = 'hang-up'
    try {
      answer = await sendText(call.body, instance)
      return answer
    } finally {
      inFlight -= 1
      record({ startedAt, name: instance.name, number, text, answer })
    }
  }

  async function sendText(body: unknown, instance: EvolutionInstance): Promise<Answer> {
    const faults = sendTextFaults(body)
    if (faults.length > 0) return schemaError(faults)
    const { number, text, delayMs } = fieldsOf(body)
    if (!isInMemory(instance) || number === undefined || text === undefined) return sendErrors.notLoaded
    const request = { instance, number, text, delayMs }
    const stroke = parts.programs.draw(instance.name)
    return stroke === undefined ? deliver(request) : deliverUnder(stroke, request)
  }

  async function deliverUnder(stroke: Stroke, request: Request): Promise<Answer> {
    if (stroke.delayMs > 0) await wait(stroke.delayMs)
    if (stroke.failure === undefined) return deliver(request)
    if (stroke.sends) await deliver(request)
    return stroke.failure
  }

  async function deliver(o: Request): Promise<Answer> {
    const { instance, text } = o
    const number = digitsOf(o.number)
    if (instance.integration === 'EVOLUTION') return parts.handOver({ instance, jid: o.number, number, text })
    if (text.trim() === '') return sendErrors.blankText
    const found = await parts.numberCheck.lookUp({ instance, jid: jidOf(o.number), number: o.number, text })
    if (found.kind === 'failed') return found.answer
    if (o.delayMs > 0) await wait(o.delayMs)
    return parts.handOver({ instance, jid: found.jid, number, text })
  }

  function record(o: {
    startedAt: Date
    name: string
    number: string | undefined
    text: string | undefined
    answer: Answer
  }): void {
    parts.requests.append({
      at: o.startedAt.toISOString(),
      answeredAt: new Date().toISOString(),
      instance: o.name,
      number: o.number === undefined ? undefined : digitsOf(o.number),
      textHash: o.text === undefined ? undefined : hash('sha256', o.text, 'hex').slice(0, 16),
      status: o.answer === 'hang-up' ? 0 : o.answer.status,
    })
  }
}

function fieldsOf(body: unknown) {
  if (!isJsonObject(body)) return { number: undefined, text: undefined, delayMs: 0 }
  const { number, text, delay } = body
  return {
    number: typeof number === 'string' ? number : undefined,
    text: typeof text === 'string' ? text : undefined,
    delayMs: typeof delay === 'number' ? delay : 0,
  }
}

function digitsOf(number: string): string {
  return (number.split('@')[0] ?? '').replace(/\D/g, '')
}
