import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageDocument } from '@whatsapp-sender/store'
import { defineRow } from '../row.ts'

/** Instances whose sends Evolution tells of, and such of which nothing is heard. */
const KINDS = [
  { name: 'html', program: { garbage: 'html' } },
  { name: 'cut', program: { garbage: 'cut-json' } },
  { name: 'broken', program: { garbage: 'broken-http' } },
  { name: 'nothing', program: { status: 200, body: '', sends: true } },
] as const

defineRow({
  number: 12,
  title: 'Evolution answers success with HTML, garbage or nothing',
  demand: '`unknown` or sent again, as the caller chose; never failed, no crash; the reason is kept',
  policies: ['resend', 'hold'],
  schedule: (random) => ({ lanes: random.between(2, 4), after: random.between(8, 16) }),
  run: async (run, { lanes: recipients, after }) => {
    const { gateway, store } = await run.startSystem()
    const before = run.observer().processes().length
    for (const { name, program } of KINDS) {
      for (const heard of [true, false]) {
        const instance = `${name}-${heard ? 'heard' : 'deaf'}`
        const lanes = await run.createLanes({ instances: [instance], recipients })
        if (!heard) await gateway.events(instance, { never: true })
        await gateway.program(instance, program)
        const begun = async () => (await gateway.requests()).filter((each) => each.instance === instance).length
        const spoil = async () => {
          await run.post({ lanes, messages: recipients, name: instance })
          await until('all of them were answered', async () => ((await begun()) >= recipients ? true : undefined))
          await gateway.program(instance, {})
        }
        // What is heard of is found and never sent twice.
        await (heard ? spoil() : run.doubling(`garbage of ${instance}`, spoil, [instance]))
        await run.post({ lanes, messages: after, name: `${instance}-after` })
      }
    }
    await run.untilQuiet()

    const rows = await store.db
      .collection<MessageDocument>('messages')
      .find({ 'attempts.error': { $exists: true } })
      .toArray()
    const reasons = rows.flatMap(({ attempts }) => attempts.flatMap(({ error }) => error?.code ?? []))
    run.demand('the reason is kept', rows.length >= KINDS.length * 2, [...new Set(reasons)].join(', '))
    const programs = new Set(
      run
        .observer()
        .processes()
        .slice(before)
        .map(({ pid }) => pid),
    ).size
    run.demand('nothing crashed', programs === 3, `${programs} programs`)
  },
})
