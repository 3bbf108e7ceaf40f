import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'

const GROWTH_MAX_MB = 60

defineRow({
  number: 14,
  title: 'answers come byte after byte, or are huge',
  demand: 'cut at 64 KB or by the time limit; memory stays flat',
  schedule: (random, bySize) => ({
    hugeMb: bySize({ short: 10, usual: 20, full: 100 }),
    recipients: random.between(2, 3),
    everyMs: random.between(20, 40),
  }),
  run: async (run, { hugeMb, recipients, everyMs }) => {
    const { gateway } = await run.startSystem({ consumerEnv: { EVOLUTION_TIMEOUT_MS: '3000' } })
    const dripped = await run.createLanes({ instances: ['dripped'], recipients })
    const huge = await run.createLanes({ instances: ['huge'], recipients })
    const flowing = await run.createLanes({ instances: ['flowing'], recipients: 5 })
    const load = run.startLoad({ lanes: flowing, messages: 100_000, name: 'flowing', everyMs })
    await until('some have left', async () => ((await gateway.sent()) >= 50 ? true : undefined))
    const base = rssOf('consumer-1')

    // A drip of one byte each 400 ms outlives the time limit; the message has left, and its event tells.
    await gateway.program('dripped', { drip: { bytes: 1, everyMs: 400 } })
    await gateway.program('huge', { status: 201, body: { junk: 'x'.repeat(hugeMb * 1_048_576) }, sends: true })
    await run.post({ lanes: [...dripped, ...huge], messages: recipients * 2, name: 'odd' })
    await until('all of them were answered', async () => {
      const ended = (await gateway.requests()).filter(({ instance }) => instance !== 'flowing').length
      return ended >= recipients * 2 ? true : undefined
    })
    await gateway.program('dripped', {})
    await gateway.program('huge', {})
    await load.stop()
    await run.untilQuiet()

    const grown = rssOf('consumer-1') - base
    run.demand('memory stays flat', grown < GROWTH_MAX_MB, `+${grown.toFixed(0)} MB`)

    function rssOf(program: string): number {
      const samples = run
        .observer()
        .processes()
        .filter(({ name }) => name === program)
      return Math.max(0, ...samples.map(({ rssMb }) => rssMb))
    }
  },
})
