import { hash } from 'node:crypto'
import type { Connections } from './connections.ts'
import { sendErrors } from './error-bodies.ts'
import type { Answer } from './http/answer.ts'
import type { EvolutionInstance } from './instances.ts'
import { USER_SERVER, withNinthDigit } from './jid.ts'
import { createPassingTrouble, type Magic, magicOf } from './magic-numbers.ts'
import { wait } from './wait.ts'

export type NumberCheck = Readonly<{
  /** WhatsApp's address for `jid`, or the answer that ends the send. */
  lookUp(query: Query): Promise<LookUp>
  isOnWhatsApp(jid: string): boolean
}>

/** `number` as the caller wrote it: the answer repeats it. */
type Query = Readonly<{
  instance: EvolutionInstance
  jid: string
  number: string
  /** What a repeated try is known by. */
  fingerprint(): string
}>

export type LookUp = Readonly<{ kind: 'found'; jid: string } | { kind: 'failed'; answer: Answer }>

const UNANSWERED_MS = 60_020
const REMEMBERED_MAX = 200_000
/** Longer than any number with its server; what is written out as an address is not looked into. */
const REMEMBERED_LENGTH_MAX = 64

/**
 * The look-up before a send, with its cache of numbers that exist: a cached number skips it, which is why one lost
 * connection gives 500 for some numbers and 400 for others.
 */
export function createNumberCheck(o: { connections: Connections; timeScale: number }): NumberCheck {
  const onWhatsApp = new Set<string>()
  const trouble = createPassingTrouble()

  return {
    isOnWhatsApp: (jid) => magicOf(jid) !== 'not-on-whatsapp',
    async lookUp(query) {
      const { jid, instance } = query
      if (!jid.endsWith(USER_SERVER)) return withoutLookUp(jid)
      const magic = magicOf(jid)
      const cached = cachedForm(jid)
      if (cached === undefined && instance.connection !== 'open') return failed(await disconnected(query, magic))
      const answer = magic === undefined ? undefined : await misfortune(magic, query)
      if (answer !== undefined) return failed(answer)
      return cached === undefined ? askWhatsApp(jid) : { kind: 'found', jid: cached }
    },
  }

  function askWhatsApp(jid: string): LookUp {
    if (jid === USER_SERVER) return failed(sendErrors.emptyUser)
    if (onWhatsApp.size >= REMEMBERED_MAX) onWhatsApp.clear()
    if (jid.length <= REMEMBERED_LENGTH_MAX) onWhatsApp.add(jid)
    return { kind: 'found', jid }
  }

  function cachedForm(jid: string): string | undefined {
    if (onWhatsApp.has(jid)) return jid
    const longer = withNinthDigit(jid)
    return longer !== undefined && onWhatsApp.has(longer) ? longer : undefined
  }

  /** While the socket is open but not through its handshake, a question can stay unanswered as well. */
  async function disconnected({ instance }: Query, magic: Magic | undefined): Promise<Answer> {
    if (instance.connection === 'connecting' && magic === 'look-up-hangs') return unanswered()
    return instance.hasSocket ? sendErrors.closedDuringLookUp : sendErrors.neverConnected
  }

  async function unanswered(): Promise<Answer> {
    await wait(UNANSWERED_MS * o.timeScale)
    return sendErrors.lookUpUnanswered
  }

  async function misfortune(magic: Magic, c: Query): Promise<Answer | undefined> {
    if (magic === 'not-on-whatsapp') return sendErrors.notOnWhatsApp(c.jid, c.number)
    if (magic === 'look-up-hangs') return unanswered()
    const answer = PASSING.get(magic)
    // While the socket is gone the send block finds that out by itself, and no try is counted.
    if (answer === undefined || c.instance.connection !== 'open') return undefined
    if (!trouble.strikes(hash('sha256', `${c.instance.id} ${c.jid} ${c.fingerprint()}`))) return undefined
    if (magic === 'socket-lost-before') o.connections.loseSocket(c.instance)
    return answer
  }
}

/** Trouble that goes away by itself, with the answer it gives while it lasts. */
const PASSING: ReadonlyMap<Magic, Answer> = new Map([
  ['rate-overlimit', sendErrors.rateOverlimit],
  ['server-error', sendErrors.databaseDown],
  ['socket-lost-before', sendErrors.socketLost],
])

/** No group is known here, and without a socket none can be asked for; other addresses are taken as they are. */
function withoutLookUp(jid: string): LookUp {
  return jid.endsWith('@g.us') ? failed(sendErrors.thrownObject) : { kind: 'found', jid }
}

function failed(answer: Answer): LookUp {
  return { kind: 'failed', answer }
}
