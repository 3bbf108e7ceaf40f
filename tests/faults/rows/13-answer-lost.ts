import { until } from '@whatsapp-sender/sandbox/process/until'
import { defineRow } from '../row.ts'

/** What becomes of a call that is cut after it was taken: did it leave, and is it told of? */
const CASES = [
  { instance: 'sent-and-told', sends: true, told: true },
  { instance: 'sent-untold', sends: true, told: false },
  { instance: 'not-sent', sends: false, told: true },
] as const

defineRow({
  number: 13,
  title: 'no answer comes after the request was taken',
  demand: 'events are asked first, then resend or hold; twice ≤ the number of such faults',
  policies: ['resend', 'hold'],
  schedule: (random) => ({ recipients: random.between(3, 6), after: random.between(12, 24) }),
  run: async (run, { recipients, after }) => {
    const { gateway } = await run.startSystem()
    for (const { instance, sends, told } of CASES) {
      const lanes = await run.createLanes({ instances: [instance], recipients })
      if (!told) await gateway.events(instance, { never: true })
      await gateway.program(instance, { close: 'after-reading', sends })
      const cut = async () => {
        await run.post({ lanes, messages: recipients, name: instance })
        await until('all of them were cut', async () => ((await cutOf(instance)) >= recipients ? true : undefined))
        await gateway.program(instance, {})
      }
      await (sends && told ? cut() : run.doubling(`cuts of ${instance}`, cut, [instance]))
      await run.post({ lanes, messages: after, name: `${instance}-after` })
    }
    await run.untilQuiet()
    const journal = await gateway.journal()
    const found = journal.filter(({ content }) => /^sent-and-told-\d/.test(content)).length
    run.demand('what is told of is found, and not sent again', found === recipients, found)

    async function cutOf(instance: string): Promise<number> {
      return (await gateway.requests()).filter((each) => each.instance === instance && each.status === 0).length
    }
  },
})
