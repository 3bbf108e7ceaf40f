import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import type { Teardown } from '../cluster/support/teardown.ts'
import { whyNoKubernetes } from '../support/kubernetes.ts'
import { type AskedDashboard, askPanels } from './ask-panels.ts'
import { declare } from './declared.ts'
import { type DemoSystem, startDemoSystem } from './demo-system.ts'
import { PanelsOptionsError, parsePanelsOptions } from './panels-options.ts'
import { PANELS_PAGE, panelsPage } from './panels-page.ts'
import { gatherPeople } from './people.ts'
import { startReceiver } from './receiver.ts'
import { haveTroubles } from './troubles.ts'

// `npm run test:panels`: every query of every panel, asked of a real Prometheus after some minutes of load.

/** After the load is over, so that its last moments are scraped. */
const LAST_SCRAPE_MS = 16_000

const teardown: Teardown = []
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void undoAll().finally(() => process.exit(130)))
}
process.exit(await main())

async function main(): Promise<number> {
  try {
    const { seconds } = parsePanelsOptions(process.argv.slice(2))
    const why = whyNoKubernetes('prometheus')
    if (why !== false) throw new PanelsOptionsError(why)
    const begun = new Date()
    const demo = await startDemoSystem(teardown)
    const minutes = await runLoad(demo, seconds)
    const asked = await askPanels(demo.prometheus, { from: begun, to: new Date() })
    return await judge(asked, minutes)
  } catch (error) {
    if (!(error instanceof PanelsOptionsError)) throw error
    console.error(error.message)
    return 2
  } finally {
    await undoAll()
  }
}

/** Answers for how many minutes there was load: on a busy machine the troubles take longer. */
async function runLoad(demo: DemoSystem, seconds: number): Promise<number> {
  const receiver = await startReceiver()
  teardown.push(receiver.stop)
  const people = await gatherPeople(demo.system, receiver)
  console.log(`${seconds} s of load; Prometheus: ${demo.prometheus.url}`)
  const over = new AbortController()
  const begun = performance.now()
  const acting = Promise.all([people.act(over.signal), declare(demo.operated, over.signal)])
  try {
    await haveTroubles(demo, seconds, (what) =>
      console.log(`${Math.round((performance.now() - begun) / 1000)} s: ${what}`),
    )
    await wait(Math.max(LAST_SCRAPE_MS, begun + seconds * 1000 - performance.now()))
  } finally {
    over.abort()
    await acting
  }
  return Math.round((performance.now() - begun) / 60_000)
}

async function judge(asked: readonly AskedDashboard[], minutes: number): Promise<number> {
  const answers = asked.flatMap(({ title, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap((panel) => panel.answers.map((answer) => ({ title, panel, ...answer }))),
    ),
  )
  const faults = answers.filter(({ fault }) => fault !== undefined)
  for (const { title, panel, fault, expr } of faults) console.error(`${title} / ${panel.title}: ${fault}: ${expr}`)
  console.log(`${answers.length - faults.length} of ${answers.length} queries were answered`)
  if (faults.length > 0) return 1
  await writeFile(join(repositoryRoot, PANELS_PAGE), panelsPage(asked, { minutes }))
  console.log(`Written: ${PANELS_PAGE}`)
  return 0
}

async function undoAll(): Promise<void> {
  for (let step = teardown.pop(); step !== undefined; step = teardown.pop()) await step()
}
