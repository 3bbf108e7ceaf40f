import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'
import { instancesNamed } from '../support/instances.ts'

/** About this very message, so that it uses up the only attempt. */
const UNANSWERED_LOOK_UP = {
  status: 500,
  error: 'Internal Server Error',
  response: { message: "Cannot read properties of undefined (reading 'find')" },
}

type Replayed = Readonly<{ replayed: number; skipped: number; next?: string | null }>

defineRow({
  number: 36,
  title: 'replay races with the sweep and with a second replay',
  demand: 'one lane entry, one claim, one new attempt: each replayed message is sent once',
  schedule: (random, bySize) => ({
    recipients: random.between(3, 5),
    messages: bySize({ short: 150, usual: 500, full: 2000 }),
    /** So long each message is replayed twice by its id; then all that are left are, at once. */
    byIdForMs: random.between(200, 800),
  }),
  run: async (run, { recipients, messages, byIdForMs }) => {
    const system = await run.startSystem({
      consumers: 2,
      env: { ATTEMPTS_MAX: '1' },
      gatewayEnv: { SANDBOX_LATENCY_MS: '10' },
    })
    const lanes = await run.createLanes({ instances: instancesNamed('again', 10), recipients })
    await system.gateway.program('*', { status: 500, body: UNANSWERED_LOOK_UP })
    const calls = await run.post({ lanes, messages, name: 'm' })
    const rows = system.store.db.collection('messages')
    await until(
      'every message is a dead letter',
      async () => ((await rows.countDocuments({ status: 'dead-lettered' })) === messages ? true : undefined),
      { timeoutMs: 120_000 },
    )
    await system.gateway.program('*', {})

    const byId = calls.flatMap(({ id }) => (id === undefined ? [] : [id, id]))
    const [bulk, taken] = await Promise.all([wait(byIdForMs).then(replayAll), inTurns(byId)])
    const replays = bulk + taken
    run.demand('each message was replayed once', replays === messages, `${replays} of ${messages}`)
    run.demand('replays met', bulk > 0 && taken > 0, `${taken} of ${byId.length} by id, ${bulk} all at once`)
    await run.untilQuiet()
    const attempts = await rows.distinct('attemptsCount')
    run.demand('each has one new attempt', attempts.join() === '1', attempts.join())
    const sent = await system.gateway.sent()
    run.demand('each was sent once', sent === messages, sent)

    async function replayAll(): Promise<number> {
      let replayed = 0
      let cursor: string | null | undefined
      do {
        const { body } = await system.admin.call<Replayed>('POST', '/v1/dead-letters/replay', {
          all: true,
          ...(typeof cursor === 'string' && { cursor }),
        })
        replayed += body.replayed
        cursor = body.next
      } while (typeof cursor === 'string')
      return replayed
    }

    /** How many were answered 200. */
    async function inTurns(wanted: readonly string[]): Promise<number> {
      const waiting = [...wanted]
      let count = 0
      const work = async (): Promise<void> => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
          const { status } = await system.admin.call('POST', `/v1/dead-letters/${id}/replay`, {})
          if (status === 200) count += 1
        }
      }
      await Promise.all(Array.from({ length: 16 }, work))
      return count
    }
  },
})
