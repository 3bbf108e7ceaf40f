import { join } from 'node:path'
import { partOf } from '../process/part-of-environment.ts'
import type { Command } from '../process/running-process.ts'
import { hostPort } from '../startup/http-probe.ts'
import { OF_CONTAINERS, type PrometheusProgram } from './find-prometheus.ts'
import { CONFIG_FILE, DATA_FOLDER } from './prometheus-files.ts'

const IMAGE = 'prom/prometheus:v3.5.0'
const RETENTION = '7d'
/** Where a container sees the folder. */
const MOUNTED = '/observe'
const PORT_IN_CONTAINER = 9090
/** It needs nothing of what the services are told. */
const OF_PROGRAMS = /^(PATH|HOME|TZ)$/

type Place = Readonly<{
  /** With the files of `writePrometheusFiles`; it keeps its data there. */
  directory: string
  /** To listen on. */
  host: string
  port: number
  env: NodeJS.ProcessEnv
}>

/** A container has the network of this machine only on Linux; elsewhere a name leads to it. */
export function reachesLoopback(program: PrometheusProgram, platform: NodeJS.Platform = process.platform): boolean {
  return program.kind === 'binary' || platform === 'linux'
}

/** Whom to scrape from within, where loopback is the container's own. */
export const MACHINE_OF_CONTAINER = 'host.docker.internal'

/** How it is run, in the foreground: a SIGTERM ends the container as well. */
export function prometheusCommand(
  program: PrometheusProgram,
  place: Place,
  platform: NodeJS.Platform = process.platform,
): Command {
  const { directory, host, port, env } = place
  if (program.kind === 'binary') {
    return { file: program.file, args: argumentsFor(directory, hostPort(host, port)), env: partOf(env, OF_PROGRAMS) }
  }
  const sharesNetwork = reachesLoopback(program, platform)
  const listen = sharesNetwork ? hostPort(host, port) : hostPort('0.0.0.0', PORT_IN_CONTAINER)
  const network = sharesNetwork ? ['--network=host'] : [`--publish=${hostPort(host, port)}:${PORT_IN_CONTAINER}`]
  return {
    file: program.file,
    args: [
      'run',
      '--rm',
      `--name=whatsapp-sender-prometheus-${port}`,
      ...network,
      ...userOf(program.runtime),
      `--volume=${directory}:${MOUNTED}`,
      IMAGE,
      ...argumentsFor(MOUNTED, listen),
    ],
    env: partOf(env, OF_CONTAINERS),
  }
}

function argumentsFor(directory: string, listen: string): readonly string[] {
  return [
    `--config.file=${join(directory, CONFIG_FILE)}`,
    `--storage.tsdb.path=${join(directory, DATA_FOLDER)}`,
    `--storage.tsdb.retention.time=${RETENTION}`,
    `--web.listen-address=${listen}`,
  ]
}

/** Its data belong to who started it, who may remove them. */
function userOf(runtime: 'docker' | 'podman'): readonly string[] {
  const [user, group] = [process.getuid?.(), process.getgid?.()]
  if (user === undefined || group === undefined) return []
  return [`--user=${user}:${group}`, ...(runtime === 'podman' ? ['--userns=keep-id'] : [])]
}
