import { digitsOf, type PhoneNumber, type SendFailure } from '@whatsapp-sender/contract'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Contacts, Instance } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'
import { answerInTime, EVOLUTION_MS } from '../instances/answer-in-time.ts'

export type CheckedNumber = Readonly<{ number: PhoneNumber; exists: boolean; jid?: string }>

export type CheckNumbersResult =
  | Readonly<{ kind: 'checked'; numbers: readonly CheckedNumber[] }>
  | Readonly<{ kind: 'limited'; retryAfterSeconds: number }>
  | Readonly<{ kind: 'evolution-failed'; failure: SendFailure }>

export type CheckNumbers = (instance: Instance, numbers: readonly PhoneNumber[]) => Promise<CheckNumbersResult>

/** What is remembered saves a question; without the database each is asked. */
const REMEMBERED_MS = 300

/**
 * Which numbers are on WhatsApp, in the order given, each once. Those that were are remembered for seven days; all others
 * are asked through the instance, whose phone WhatsApp silences when it asks too much.
 */
export function createCheckNumbers(o: {
  evolution: Pick<EvolutionServers, 'whatsappNumbers'>
  contacts: Pick<Contacts, 'findExisting' | 'recordExisting'>
  /** Takes points of an instance: 0 when there were enough, or the seconds until there are some again. */
  take(instanceId: string, points: number): Promise<number>
}): CheckNumbers {
  return async (instance, given) => {
    const numbers = [...new Set(given)]
    const found = await inTime(o.contacts.findExisting(instance.id, numbers), REMEMBERED_MS)
    const known: ReadonlyMap<string, string | undefined> = found.kind === 'done' ? found.value : new Map()
    const unknown = numbers.filter((number) => !known.has(number))
    const asked = await ask(instance, unknown)
    if ('kind' in asked) return asked
    return {
      kind: 'checked',
      numbers: numbers.map((number) => asked.get(number) ?? rememberedAs(number, known.get(number))),
    }
  }

  async function ask(
    instance: Instance,
    numbers: readonly PhoneNumber[],
  ): Promise<ReadonlyMap<string, CheckedNumber> | Exclude<CheckNumbersResult, { kind: 'checked' }>> {
    if (numbers.length === 0) return new Map()
    const retryAfterSeconds = await o.take(instance.id, numbers.length)
    if (retryAfterSeconds > 0) return { kind: 'limited', retryAfterSeconds }
    const { id, name, evolutionServer: server, evolutionToken: apiKey } = instance
    const asked = o.evolution.whatsappNumbers({ server, instance: name, apiKey, numbers: numbers.map(digitsOf) })
    const answer = await answerInTime(asked, performance.now() + EVOLUTION_MS)
    if ('failure' in answer) return { kind: 'evolution-failed', failure: answer.failure }
    const byDigits = new Map(answer.numbers.map((entry) => [entry.number, entry]))
    const checked = numbers.flatMap((number): CheckedNumber[] => {
      const entry = byDigits.get(digitsOf(number))
      return entry === undefined ? [] : [{ number, exists: entry.exists, ...(entry.exists && jidOf(entry.jid)) }]
    })
    if (checked.length < numbers.length) return { kind: 'evolution-failed', failure: INCOMPLETE }
    await o.contacts
      .recordExisting(
        id,
        checked.filter(({ exists }) => exists),
      )
      .catch(() => {})
    return new Map(checked.map((entry) => [entry.number, entry]))
  }
}

const INCOMPLETE: SendFailure = {
  kind: 'transient',
  code: 'numbers-missing',
  detail: 'the answer leaves numbers out that were asked for',
}

/** What is not another number's is not kept. */
function rememberedAs(number: PhoneNumber, jid: string | undefined): CheckedNumber {
  return { number, exists: true, jid: jid ?? `${digitsOf(number)}@s.whatsapp.net` }
}

function jidOf(jid: string | undefined): Readonly<{ jid?: string }> {
  return jid === undefined || jid === '' ? {} : { jid }
}
