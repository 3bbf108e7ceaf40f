import { existsSync } from 'node:fs'
import { runTool } from '../embedded/run-tool.ts'
import { partOf } from '../process/part-of-environment.ts'
import { findOnPath } from '../process/running-process.ts'

/** Something that runs a Prometheus: a program of this machine, or a container. */
export type PrometheusProgram = Readonly<
  { kind: 'binary'; file: string } | { kind: 'container'; runtime: 'docker' | 'podman'; file: string }
>

/** What Docker and Podman look at; they are told nothing else. */
export const OF_CONTAINERS = /^(PATH|HOME|TZ|DOCKER_.*|CONTAINER_.*|XDG_.*)$/

const WAYS_TO_PROMETHEUS = [
  'Ways out:',
  '  - install Prometheus 2.42 or newer, so that prometheus is on the PATH, or name its file: PROMETHEUS_BIN=/path/to/prometheus',
  '  - start Docker or Podman: it is then run in a container',
  '  - let a Prometheus of your own scrape the addresses below, with the rules that npx infra alerts prints',
].join('\n')

/**
 * What can run a Prometheus here: PROMETHEUS_BIN, the PATH, or a container; else why nothing can, for the person at the
 * terminal. What PROMETHEUS_BIN names is not replaced by something else.
 */
export async function findPrometheus(
  env: NodeJS.ProcessEnv,
): Promise<PrometheusProgram | Readonly<{ kind: 'none'; why: string }>> {
  const named = env['PROMETHEUS_BIN']
  if (named) {
    if (await runs(named)) return { kind: 'binary', file: named }
    return { kind: 'none', why: `PROMETHEUS_BIN does not run: ${named}\n${WAYS_TO_PROMETHEUS}` }
  }
  const path = env['PATH'] ?? ''
  const onPath = findOnPath('prometheus', path)
  if (onPath !== undefined && (await runs(onPath))) return { kind: 'binary', file: onPath }
  for (const runtime of ['docker', 'podman'] as const) {
    const file = findOnPath(runtime, path)
    if (file !== undefined && (await canStartContainers(file, env))) return { kind: 'container', runtime, file }
  }
  return { kind: 'none', why: `There is no Prometheus on this machine.\n${WAYS_TO_PROMETHEUS}` }
}

async function runs(file: string): Promise<boolean> {
  if (!existsSync(file)) return false
  const { output } = await runTool(file, ['--version'], { timeoutMs: 30_000 })
  return /^prometheus, version /m.test(output)
}

/** The command alone may be there, and nothing that it could ask. */
async function canStartContainers(file: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { succeeded } = await runTool(file, ['ps', '--quiet'], { timeoutMs: 10_000, env: partOf(env, OF_CONTAINERS) })
  return succeeded
}
