import { setTimeout as wait } from 'node:timers/promises'
import type { MessageDocument } from '@whatsapp-sender/store'
import { defineRow } from '../row.ts'
import { untilAllFlow } from '../support/flowing.ts'
import { instancesNamed, silenceHalf } from '../support/instances.ts'

/** Long enough that a stop that does not wait for its calls cannot finish them by chance. */
const LATENCY_MS = 800
const HAND_OVER_MAX_MS = 2000
const EXIT_MAX_MS = 1000
/** Shorter than the slow call, longer than all others. */
const DRAIN_MS = 2000

defineRow({
  number: 16,
  title: 'consumer told to stop under load',
  demand:
    'nothing twice; handed over within 2 s; exit 0 within 1 s of the last answer; a call past the drain time is ambiguous',
  alone: true,
  schedule: (random, bySize) => ({
    recipients: random.between(4, 6),
    stops: Array.from({ length: bySize({ short: 1, usual: 3, full: 10 }) }, () => ({
      afterMs: random.between(500, 3000),
      victim: random.pick([0, 1]),
    })),
  }),
  run: async (run, { recipients, stops }) => {
    const system = await run.startSystem({ consumers: 0, gatewayEnv: { SANDBOX_LATENCY_MS: String(LATENCY_MS) } })
    const consumers = await Promise.all([system.startConsumer(), system.startConsumer()])
    const instances = instancesNamed('stopped', 10)
    const lanes = await run.createLanes({ instances, recipients })
    await silenceHalf(system.gateway, instances)
    const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs: 1500 })

    const handOvers: number[] = []
    const exits: number[] = []
    for (const { afterMs, victim } of stops) {
      await wait(afterMs)
      const toldAt = Date.now()
      const [exit, handOver] = await Promise.all([
        consumers[victim]?.stop().then(({ code }) => ({ code, at: Date.now() })),
        untilAllFlow(system.gateway, { instances, since: toldAt }),
      ])
      run.demand('the exit code is 0', exit?.code === 0, String(exit?.code))
      exits.push((exit?.at ?? 0) - (await lastAnswer(toldAt)))
      handOvers.push(handOver)
      consumers[victim] = await system.startConsumer()
    }
    await load.stop()
    await run.untilQuiet()
    const slowest = Math.max(...handOvers)
    run.demand('handed over within 2 s', slowest <= HAND_OVER_MAX_MS, `${handOvers.join(', ')} ms`)
    run.demand('ended within 1 s of the last answer', Math.max(...exits) <= EXIT_MAX_MS, `${exits.join(', ')} ms`)

    for (const consumer of consumers) await consumer.stop()
    await stopInASlowCall()

    /** Of what was open when the consumer was told; it was told at the latest then that nothing is left. */
    async function lastAnswer(toldAt: number): Promise<number> {
      const open = (await system.gateway.requests()).filter(({ at }) => Date.parse(at) <= toldAt)
      return Math.max(toldAt, ...open.map(({ answeredAt }) => Date.parse(answeredAt)))
    }

    /** Its message leaves after the consumer has given up; the event that tells of it keeps the next owner from repeating it. */
    async function stopInASlowCall(): Promise<void> {
      const [lane] = lanes
      if (lane === undefined) throw new Error('no lane')
      const impatient = await system.startConsumer({ DRAIN_TIMEOUT_MS: String(DRAIN_MS), AMBIGUOUS_SETTLE_MS: '8000' })
      await system.gateway.program(lane.instance, { delayMs: 3 * DRAIN_MS, times: 1 })
      await run.post({ lanes: [lane], messages: 1, name: 'slow' })
      await untilOpen()
      const toldAt = Date.now()
      const { code } = await impatient.stop()
      const tookMs = Date.now() - toldAt
      run.demand(
        'a call that outlives the drain time does not hold the stop',
        code === 0 && tookMs < 3 * DRAIN_MS,
        tookMs,
      )
      await system.startConsumer({ AMBIGUOUS_SETTLE_MS: '8000' })
      await run.untilQuiet()
      const row = await system.store.db.collection<MessageDocument>('messages').findOne({ 'content.text': 'slow-0' })
      const outcomes = (row?.attempts ?? []).map(({ outcome }) => outcome)
      run.demand('its event was found, and it was not repeated', outcomes.join() === 'sent', outcomes.join())
    }

    async function untilOpen(): Promise<void> {
      while ((await system.gateway.inFlight()) === 0) await wait(20)
    }
  },
})
