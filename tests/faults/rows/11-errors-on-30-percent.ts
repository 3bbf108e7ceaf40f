import { defineRow } from '../row.ts'
import { UNANSWERED_LOOK_UP } from '../support/answers.ts'

defineRow({
  number: 11,
  title: 'Evolution answers 500 to 30 % of calls',
  demand: 'retried in lane order; all sent',
  schedule: (random, bySize) => ({
    messages: bySize({ short: 300, usual: 600, full: 2000 }),
    recipients: random.between(3, 6),
    failRate: random.between(25, 35) / 100,
  }),
  run: async (run, { messages, recipients, failRate }) => {
    const { gateway, store } = await run.startSystem({ env: { RETRY_BASE_MS: '50', ATTEMPTS_MAX: '30' } })
    const lanes = await run.createLanes({ instances: ['a', 'b', 'c', 'd'], recipients })
    await gateway.program('*', { failRate, ...UNANSWERED_LOOK_UP })

    await run.post({ lanes, messages, name: 'm' })
    await run.untilQuiet()

    const retried = await store.db.collection('messages').countDocuments({ attemptsCount: { $gt: 1 } })
    run.demand('the errors were real: a tenth needed a second attempt', retried >= messages / 10, retried)
  },
})
