import { spawnSync } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { KUBERNETES_SCRIPTS, type KubernetesTools, runFile, toolsAt } from '../../support/kubernetes.ts'
import { startClusterDns } from './cluster-dns.ts'

/** Of the bridge that pods hang on: where the machine's own servers listen for them. */
export const BRIDGE = '10.244.0.1'
/** There is one node per machine. It lies in one place, so that what a killed run has left is undone by the next. */
const DIRECTORY = join(tmpdir(), 'whatsapp-sender-node')
const IMAGES_THERE = join(DIRECTORY, 'images.json')
const SCRIPT = join(KUBERNETES_SCRIPTS, 'node.sh')
const UP_MS_MAX = 600_000

export type Node = KubernetesTools &
  Readonly<{
    /** More of them, as archives. */
    addImages(files: readonly string[]): Promise<void>
    stop(): Promise<void>
  }>

/**
 * One real node with its control plane and a name service; of what it changes on the machine nothing is left. With
 * CLUSTER_KEEP=1 it stays, with its images, for the next run of whoever works on these tests.
 */
export async function startNode(): Promise<Node> {
  const keeps = process.env['CLUSTER_KEEP'] === '1'
  const run = (...args: readonly string[]) => runFile(SCRIPT, args, { env: { NODE_DNS: BRIDGE }, timeoutMs: UP_MS_MAX })
  const undo = () => spawnSync(SCRIPT, ['down', DIRECTORY])
  const remove = async () => {
    await run('down', DIRECTORY)
    await rm(DIRECTORY, { recursive: true, force: true })
  }
  if (!keeps) {
    await remove()
    process.once('exit', undo)
  }
  await run('up', DIRECTORY)
  const tools = toolsAt(DIRECTORY)
  const dns = await startClusterDns({ host: BRIDGE }, serviceAddresses(tools))
  return {
    ...tools,
    async addImages(files) {
      const there = await imagesThere()
      const missing = files.filter((file) => !there.includes(file))
      if (missing.length > 0) await run('up', DIRECTORY, ...missing)
      await writeFile(IMAGES_THERE, JSON.stringify([...there, ...missing]))
    },
    async stop() {
      await dns.stop()
      if (keeps) return
      await remove()
      process.removeListener('exit', undo)
    },
  }
}

async function imagesThere(): Promise<readonly string[]> {
  const text = await readFile(IMAGES_THERE, 'utf8').catch(() => '[]')
  return z.array(z.string()).parse(JSON.parse(text))
}

/** Each is asked for once: a Service keeps its address, and pods ask for names all the time. */
function serviceAddresses({ kubectl }: KubernetesTools) {
  const known = new Map<string, string>()
  return async (service: string, namespace: string): Promise<string | undefined> => {
    const key = `${service}.${namespace}`
    const query = ['get', 'service', service, '--namespace', namespace, '--ignore-not-found']
    const address =
      known.get(key) ?? ((await kubectl([...query, '--output', 'jsonpath={.spec.clusterIP}'])) || undefined)
    if (address !== undefined) known.set(key, address)
    return address
  }
}
