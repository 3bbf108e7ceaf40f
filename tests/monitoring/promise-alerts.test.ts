import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { whyNoPrometheus } from '../support/prometheus.ts'
import { openPromtool, type SeriesByName } from './promtool.ts'

const TARGET = 'namespace="wa",pod="wa-consumer-1",service="consumer"'
const [FAST, SLOW] = ['WhatsAppPromiseBreaksFast', 'WhatsAppPromiseBreaksSlowly']

/** Steps of so many minutes, in each of which so many messages a minute are sent, and so many of them in time. */
type Step = Readonly<{ minutes: number; sent: number; inTime: number; givenUp?: number }>

suite('the alerts of the promise', { skip: whyNoPrometheus('promtool') }, () => {
  const promtool = openPromtool()
  after(promtool.close)

  const isQuiet = (alert: string, steps: readonly Step[], atMinute = minutesOf(steps)): boolean => {
    const { isFine, said } = promtool.quietAfter(`${atMinute}m`, alert, seriesOf(steps))
    assert.ok(isFine || said.includes(`alertname="${alert}"`), said)
    return isFine
  }

  test('are quiet while 97 % are in time: that uses the budget up sooner than it should, and wakes nobody', () => {
    const steps = [{ minutes: 420, sent: 100, inTime: 97 }]
    assert.deepEqual([isQuiet(FAST, steps), isQuiet(SLOW, steps)], [true, true])
  })

  test('fire, the slow one alone, when one in ten is late for hours', () => {
    const steps = [{ minutes: 420, sent: 100, inTime: 90 }]
    assert.deepEqual([isQuiet(FAST, steps), isQuiet(SLOW, steps)], [true, false])
  })

  test('fire at once when one in four is late', () => {
    const steps = [
      { minutes: 60, sent: 100, inTime: 100 },
      { minutes: 45, sent: 100, inTime: 75 },
    ]
    assert.equal(isQuiet(FAST, steps), false)
  })

  test('are quiet after a burst of two minutes, and soon after a bad hour', () => {
    const burst = [
      { minutes: 300, sent: 100, inTime: 100 },
      { minutes: 2, sent: 100, inTime: 0 },
      { minutes: 2, sent: 100, inTime: 100 },
    ]
    assert.deepEqual([isQuiet(FAST, burst), isQuiet(SLOW, burst)], [true, true])
    const hour = [
      { minutes: 60, sent: 100, inTime: 50 },
      { minutes: 10, sent: 100, inTime: 100 },
    ]
    assert.deepEqual([isQuiet(FAST, hour, 60), isQuiet(FAST, hour)], [false, true])
  })

  test('count what was given up as broken, though all that was sent was in time', () => {
    assert.equal(isQuiet(FAST, [{ minutes: 60, sent: 75, inTime: 75, givenUp: 25 }]), false)
  })

  test('are quiet over a handful of messages, whatever became of them', () => {
    const steps = [
      { minutes: 55, sent: 0, inTime: 0 },
      { minutes: 5, sent: 2, inTime: 1 },
    ]
    assert.deepEqual([isQuiet(FAST, steps), isQuiet(SLOW, steps)], [true, true])
  })
})

function minutesOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { minutes }) => sum + minutes, 0)
}

function seriesOf(steps: readonly Step[]): SeriesByName {
  const totals = (perMinute: (step: Step) => number) => {
    let total = 0
    const parts = steps.map((step) => {
      const part = `${total}+${perMinute(step)}x${step.minutes - 1}`
      total += perMinute(step) * step.minutes
      return part
    })
    return `${parts.join(' ')} ${total}`
  }
  return {
    [`whatsapp_sent_after_due_seconds_bucket{le="30",${TARGET}}`]: totals(({ inTime }) => inTime),
    [`whatsapp_sent_after_due_seconds_count{${TARGET}}`]: totals(({ sent }) => sent),
    [`whatsapp_sends_total{outcome="unknown",${TARGET}}`]: totals(({ givenUp = 0 }) => givenUp),
  }
}
