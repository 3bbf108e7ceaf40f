import { join } from 'node:path'
import { findPrometheus, type PrometheusProgram } from '../observe/find-prometheus.ts'
import { startPrometheus } from '../observe/start-prometheus.ts'
import { answersOk, urlOf } from './http-probe.ts'
import type { Launcher } from './launcher.ts'
import { locations } from './locations.ts'
import { CANARY_INSTANCE, prepareCanary } from './prepare-canary.ts'
import type { ReadySystem } from './ready-file.ts'
import { canaryEnvironment, type SystemPlan } from './service-environments.ts'
import { startService } from './start-service.ts'
import type { Terminal } from './terminal.ts'

const CANARY_STOP_TIMEOUT_MS = 15_000

/** Where they are that look at the system. */
type Observers = Pick<ReadySystem, 'canaryMetrics' | 'prometheus'>

/** `npm start -- --observe`: a canary, and a Prometheus that scrapes all processes, where there is one. */
export async function startObservers(
  plan: SystemPlan,
  system: ReadySystem,
  o: Readonly<{ launcher: Launcher; terminal: Terminal; signal: AbortSignal }>,
): Promise<Observers> {
  const canaryMetrics = await startCanary(plan, system, o)
  const program = await findPrometheus(plan.env)
  if (program.kind === 'none') {
    o.terminal.print(`\n${program.why}\nEverything else runs without it.\n`)
    return { canaryMetrics }
  }
  const scraped = { api: system.apiMetrics, consumer: system.consumerMetrics, canary: canaryMetrics }
  return { canaryMetrics, prometheus: await startOwnPrometheus(plan, program, { ...o, scraped }) }
}

async function startCanary(
  plan: SystemPlan,
  system: ReadySystem,
  { launcher, terminal, signal }: Readonly<{ launcher: Launcher; terminal: Terminal; signal: AbortSignal }>,
): Promise<string> {
  const url = urlOf(plan.host, plan.ports.canaryMetrics)
  if (plan.env['CANARY_INSTANCE'] === undefined) {
    await terminal.step(
      'Canary number',
      () => prepareCanary(system, { evolutionIsGiven: plan.given.evolution !== undefined, signal }),
      (whyNot) => (whyNot === undefined ? `instance ${CANARY_INSTANCE}` : `none: ${whyNot}`),
    )
  }
  await launcher.launch('Canary', {
    start: ({ signal: stopping }) =>
      startService({
        name: 'canary',
        main: locations.canaryMain,
        env: canaryEnvironment(plan, { ...system, instance: CANARY_INSTANCE }),
        readyUrl: `${url}/readyz`,
        stopTimeoutMs: CANARY_STOP_TIMEOUT_MS,
        signal: stopping,
      }),
    resultOf: () => url,
  })
  return url
}

async function startOwnPrometheus(
  { env, host, ports }: SystemPlan,
  program: PrometheusProgram,
  { launcher, scraped }: Readonly<{ launcher: Launcher; scraped: Readonly<Record<string, string>> }>,
): Promise<string> {
  const url = urlOf(host, ports.prometheus)
  await launcher.launch('Prometheus', {
    start: ({ step, signal }) => {
      if (program.kind === 'container') step.note(`in a container of ${program.runtime}…`)
      return startPrometheus({
        program,
        directory: locations.prometheus,
        host,
        port: ports.prometheus,
        targets: Object.entries(scraped).map(([job, metrics]) => ({ job, address: new URL(metrics).host })),
        isReady: () => answersOk(`${url}/-/ready`),
        logFile: join(locations.logs, 'prometheus.log'),
        env,
        signal,
      })
    },
    resultOf: () => url,
  })
  return url
}
