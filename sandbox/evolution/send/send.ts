import { notLoaded, schemaError, sendErrors } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import { type EvolutionInstance, isInMemory } from '../instances.ts'
import { digitsOf, jidOf } from '../jid.ts'
import type { JsonObject } from '../json.ts'
import type { NumberCheck } from '../number-check.ts'
import type { PhoneFeed } from '../phone-feed.ts'
import { chatOf } from '../phone-view.ts'
import type { Programs, Stroke } from '../programs.ts'
import type { Surroundings } from '../surroundings.ts'
import { wait } from '../wait.ts'
import type { Sending } from './hand-over.ts'
import { faultsOf } from './schema.ts'
import type { Draft, SendKind } from './send-kind.ts'
import type { UploadedFile } from './uploaded-file.ts'

export type SendParts = Readonly<{
  programs: Programs
  numberCheck: NumberCheck
  feed: PhoneFeed
  surroundings: Surroundings
  timeScale: number
  handOver(o: Sending): Promise<Answer>
}>

export type SendRequest = Readonly<{
  kind: SendKind
  fields: JsonObject
  file: UploadedFile | undefined
  instance: EvolutionInstance
}>

/**
 * One send from its checked body to its answer: schema, own checks, upload, number check, delay, hand-over, in the order
 * of the real server. Nothing here listens for a caller who hangs up: the send goes on without him.
 */
export function createSend(parts: SendParts) {
  return send

  async function send(request: SendRequest): Promise<Answer> {
    const { kind, fields, file, instance } = request
    const faults = kind.isPlain?.(fields) === true ? [] : faultsOf(fields, kind.schema)
    if (faults.length > 0) return schemaError(faults)
    const fault = kind.check?.(fields, file)
    if (fault !== undefined) return fault
    if (!isInMemory(instance)) return notLoaded(kind.method)
    const stroke = parts.programs.draw(instance.name)
    return stroke === undefined ? deliver(request) : deliverUnder(stroke, request)
  }

  async function deliverUnder(stroke: Stroke, request: SendRequest): Promise<Answer> {
    if (stroke.delayMs > 0) await wait(stroke.delayMs)
    const answer = stroke.failure === undefined || stroke.sends ? await deliver(request) : 'hang-up'
    const told = stroke.failure ?? answer
    return told === 'hang-up' || stroke.manner === undefined ? told : { ...told, manner: stroke.manner }
  }

  async function deliver({ kind, fields, file, instance }: SendRequest): Promise<Answer> {
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
    parts.feed.publish(() => ({ kind: 'presence', instance: instance.name, chat, state: presence }))
    await wait(delayMs)
    parts.feed.publish(() => ({ kind: 'presence', instance: instance.name, chat, state: 'paused' }))
  }
}

function isDraft(value: Draft | Answer): value is Draft {
  return value !== 'hang-up' && 'kind' in value
}
