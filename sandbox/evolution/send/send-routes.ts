import { hash } from 'node:crypto'
import { notLoaded, schemaError, sendErrors } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import type { Call, Routes } from '../http/router.ts'
import { type EvolutionInstance, isInMemory } from '../instances.ts'
import { jidOf } from '../jid.ts'
import type { Journal } from '../journal.ts'
import { type JsonObject, stringOf } from '../json.ts'
import type { MediaStore } from '../media/media-store.ts'
import type { Messages } from '../messages.ts'
import type { NumberCheck } from '../number-check.ts'
import type { PhoneFeed } from '../phone-feed.ts'
import { chatOf } from '../phone-view.ts'
import type { Programs, Stroke } from '../programs.ts'
import type { Surroundings } from '../surroundings.ts'
import { wait } from '../wait.ts'
import type { Sending } from './hand-over.ts'
import { buttonsKind } from './kinds/buttons.ts'
import { contactKind } from './kinds/contact.ts'
import { listKind } from './kinds/list.ts'
import { locationKind } from './kinds/location.ts'
import { mediaKinds } from './kinds/media.ts'
import { pollKind } from './kinds/poll.ts'
import { reactionKind } from './kinds/reaction.ts'
import { templateKind } from './kinds/template.ts'
import { textKind } from './kinds/text.ts'
import { faultsOf, fieldsOf } from './schema.ts'
import type { Draft, SendKind } from './send-kind.ts'
import { readForm, type UploadedFile } from './uploaded-file.ts'

/** One send request as it ended; `status` 0 stands for a connection that was reset. */
export type RequestEntry = Readonly<{
  at: string
  answeredAt: string
  instance: string
  route: string
  number: string | undefined
  /** First 16 hexadecimal digits of the text's or caption's SHA-256. */
  textHash: string | undefined
  status: number
}>

export type SendParts = Readonly<{
  programs: Programs
  numberCheck: NumberCheck
  requests: Journal<RequestEntry>
  messages: Messages
  media: MediaStore
  feed: PhoneFeed
  surroundings: Surroundings
  timeScale: number
  handOver(o: Sending): Promise<Answer>
}>

type Request = Readonly<{
  kind: SendKind
  fields: JsonObject
  file: UploadedFile | undefined
  instance: EvolutionInstance
}>

/**
 * `POST /message/{route}/{instance}`: schema, own checks, upload, number check, delay, hand-over, in the order of the
 * real server. Nothing here listens for a caller who hangs up: the send goes on without him.
 */
export function createSendRoutes(parts: SendParts) {
  const { messages, media } = parts
  const kinds = [
    textKind(messages),
    ...mediaKinds({ messages, media }),
    locationKind(messages),
    contactKind(messages),
    reactionKind(messages),
    pollKind(messages),
    listKind(messages),
    buttonsKind(messages),
    templateKind(messages),
  ]
  let inFlight = 0
  let inFlightPeak = 0

  return { routes: Object.fromEntries(kinds.map(routeOf)), stats, resetPeak }

  function stats() {
    return { inFlight, inFlightPeak }
  }

  function resetPeak(): void {
    inFlightPeak = inFlight
  }

  function routeOf(kind: SendKind): [string, Routes[string]] {
    return [
      `POST /message/${kind.route.toLowerCase()}`,
      {
        kind: 'instance',
        beforeBody: (name) => hangUpBeforeReading(kind, name),
        handle: (call, instance) => handle(kind, call, instance),
      },
    ]
  }

  function hangUpBeforeReading({ route }: SendKind, name: string): Answer | undefined {
    if (!parts.programs.hangsUpBeforeReading(name)) return undefined
    record({ startedAt: new Date(), name, route, fields: {}, answer: 'hang-up' })
    return 'hang-up'
  }

  async function handle(kind: SendKind, call: Call, instance: EvolutionInstance): Promise<Answer> {
    const startedAt = new Date()
    inFlight += 1
    inFlightPeak = Math.max(inFlightPeak, inFlight)
    let fields = fieldsOf(call.body)
    let answer: Answer = 'hang-up'
    try {
      const form = call.form === undefined ? { fields, file: undefined } : await readForm(call.form)
      if (form === undefined) answer = sendErrors.formBroken
      else {
        fields = form.fields
        answer = await answerTo({ kind, fields, file: form.file, instance })
      }
      return answer
    } finally {
      inFlight -= 1
      record({ startedAt, name: instance.name, route: kind.route, fields, answer })
    }
  }

  async function answerTo(request: Request): Promise<Answer> {
    const { kind, fields, file, instance } = request
    const faults = kind.isPlain?.(fields) === true ? [] : faultsOf(fields, kind.schema)
    if (faults.length > 0) return schemaError(faults)
    const fault = kind.check?.(fields, file)
    if (fault !== undefined) return fault
    if (!isInMemory(instance)) return notLoaded(kind.method)
    const stroke = parts.programs.draw(instance.name)
    return stroke === undefined ? deliver(request) : deliverUnder(stroke, request)
  }

  async function deliverUnder(stroke: Stroke, request: Request): Promise<Answer> {
    if (stroke.delayMs > 0) await wait(stroke.delayMs)
    const answer = stroke.failure === undefined || stroke.sends ? await deliver(request) : 'hang-up'
    const told = stroke.failure ?? answer
    return told === 'hang-up' || stroke.manner === undefined ? told : { ...told, manner: stroke.manner }
  }

  async function deliver({ kind, fields, file, instance }: Request): Promise<Answer> {
    const missing = kind.missingOn?.[instance.integration]
    if (missing !== undefined) return missing
    const draft = await kind.draft({ fields, file, instance })
    if (!isDraft(draft)) return draft
    if (draft.busyMs !== undefined) await wait(draft.busyMs * parts.timeScale)
    const number = digitsOf(draft.number)
    const addressed = await addressOf(instance, draft)
    if (addressed.kind === 'failed') return addressed.answer
    await serveDelay(instance, addressed.jid, draft)
    return parts.handOver({ instance, jid: addressed.jid, number, draft })
  }

  async function addressOf(instance: EvolutionInstance, draft: Draft) {
    const { number, said } = draft
    if (instance.integration === 'EVOLUTION') return { kind: 'found', jid: number } as const
    const jid = jidOf(number)
    if (instance.integration === 'WHATSAPP-BUSINESS') return { kind: 'found', jid } as const
    if (parts.surroundings.databaseIsDown) return { kind: 'failed', answer: sendErrors.databaseDown } as const
    const fingerprint = () => JSON.stringify(said, (key, value: unknown) => (key === 'media' ? null : value))
    return parts.numberCheck.lookUp({ instance, jid, number, fingerprint })
  }

  /** The recipient sees that somebody types, or records, for as long as the delay lasts. */
  async function serveDelay(instance: EvolutionInstance, jid: string, { delayMs, presence }: Draft): Promise<void> {
    if (delayMs <= 0) return
    const chat = chatOf(jid)
    parts.feed.publish({ kind: 'presence', instance: instance.name, chat, state: presence })
    await wait(delayMs)
    parts.feed.publish({ kind: 'presence', instance: instance.name, chat, state: 'paused' })
  }

  function record(o: { startedAt: Date; name: string; route: string; fields: JsonObject; answer: Answer }): void {
    const number = stringOf(o.fields['number'])
    const text = stringOf(o.fields['text']) ?? stringOf(o.fields['caption'])
    parts.requests.append({
      at: o.startedAt.toISOString(),
      answeredAt: new Date().toISOString(),
      instance: o.name,
      route: o.route,
      number: number === undefined ? undefined : digitsOf(number),
      textHash: text === undefined ? undefined : hash('sha256', text, 'hex').slice(0, 16),
      status: o.answer === 'hang-up' ? 0 : o.answer.status,
    })
  }
}

function isDraft(value: Draft | Answer): value is Draft {
  return value !== 'hang-up' && 'kind' in value
}

function digitsOf(number: string): string {
  return (number.split('@')[0] ?? '').replace(/\D/g, '')
}
