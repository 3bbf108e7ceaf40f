import { hash } from 'node:crypto'
import { sendErrors } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import type { Call, Routes } from '../http/router.ts'
import type { EvolutionInstance } from '../instances.ts'
import { digitsOf } from '../jid.ts'
import type { Journal } from '../journal.ts'
import { type JsonObject, stringOf } from '../json.ts'
import type { MediaStore } from '../media/media-store.ts'
import type { Messages } from '../messages.ts'
import { buttonsKind } from './kinds/buttons.ts'
import { contactKind } from './kinds/contact.ts'
import { listKind } from './kinds/list.ts'
import { locationKind } from './kinds/location.ts'
import { mediaKinds } from './kinds/media.ts'
import { pollKind } from './kinds/poll.ts'
import { reactionKind } from './kinds/reaction.ts'
import { templateKind } from './kinds/template.ts'
import { textKind } from './kinds/text.ts'
import { fieldsOf } from './schema.ts'
import { createSend, type SendParts } from './send.ts'
import type { SendKind } from './send-kind.ts'
import { type Form, readForm } from './uploaded-file.ts'

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

export type SendRouteParts = SendParts &
  Readonly<{ requests: Journal<RequestEntry>; messages: Messages; media: MediaStore }>

/** `POST /message/{route}/{instance}`, one route for each kind; every request is written down as it ends. */
export function createSendRoutes(parts: SendRouteParts) {
  const { messages, media } = parts
  const send = createSend(parts)
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
    let form: Form = { fields: fieldsOf(call.body), file: undefined }
    let answer: Answer = 'hang-up'
    try {
      if (kind.takesFile === true && call.form !== undefined) form = await readForm(call.form)
      answer = form === 'broken' ? sendErrors.formBroken : await send({ kind, ...form, instance })
      return answer
    } finally {
      inFlight -= 1
      record({
        startedAt,
        name: instance.name,
        route: kind.route,
        fields: form === 'broken' ? {} : form.fields,
        answer,
      })
    }
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
