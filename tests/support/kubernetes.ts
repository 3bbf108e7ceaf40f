import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'

export const KUBERNETES_SCRIPTS = join(repositoryRoot, 'tests/kubernetes/assets')
const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const
const OUTPUT_BYTES_MAX = 67_108_864
/** Starting takes about 10 s on two idle cores. */
const SCRIPT_MS_MAX = 180_000

/** A program that the scripts in tests/kubernetes/assets find or build. */
export type KubernetesBinary =
  | (typeof CONTROL_PLANE)[number]
  | 'helm'
  | 'prometheus'
  | 'promtool'
  | 'keda-operator'
  | 'keda-adapter'
  | 'keda-admission-webhooks'
  // Folders.
  | 'keda-manifests'
  | 'prometheus-operator'
  | 'prometheus-config-reloader'
  | 'prometheus-operator-manifests'

/** What a test does with a cluster, as administrator. */
export type KubernetesTools = Readonly<{
  /** File of an administrator's credentials. */
  kubeconfig: string
  /** What `KUBECONFIG` and `KUBECACHEDIR` have to be for kubectl, helm and the operator; with the PATH of this process. */
  env: Readonly<Record<string, string>>
  /**
   * Runs kubectl as administrator and answers what it prints on its standard output.
   * @throws {KubernetesToolError} with what it said
   */
  kubectl(args: readonly string[], o?: ToolOptions): Promise<string>
  /** Runs helm in the same way, with settings and caches of its own. */
  helm(args: readonly string[], o?: ToolOptions): Promise<string>
  /** Server-side apply of objects, with further arguments such as `['--dry-run=server']`; throws as kubectl does. */
  apply(objects: readonly object[], args?: readonly string[]): Promise<string>
  /** Applies definitions of custom resources and waits until they are served. */
  define(definitions: readonly object[]): Promise<void>
  /** A new namespace in which pods can be created, by its name. */
  createNamespace(labels?: Readonly<Record<string, string>>): Promise<string>
}>

/** A real API server with its store and its controllers. Pods stay pending: there is no node. */
export type ControlPlane = KubernetesTools &
  Readonly<{
    /** Stops the API server, its connections included, and starts it again at the same address with the same data. */
    restartApiServer(whileDown?: () => Promise<void>): Promise<void>
  }>

type ToolOptions = Readonly<{ input?: string; env?: Readonly<Record<string, string>>; timeoutMs?: number }>

export class KubernetesToolError extends Error {
  override readonly name = 'KubernetesToolError'
  readonly code = 'kubernetes-tool-failed'
  /** What it printed on its standard error, or else on its standard output. */
  readonly stderr: string
  constructor(command: string, stderr: string) {
    super(`${command}\n${stderr.trim()}`)
    this.stderr = stderr
  }
}

/**
 * Why there is no Kubernetes to test with, said loudly once, or false: for the option `skip` of a suite.
 * `KUBE_TEST_BUILD=1` builds what is missing; `KUBE_TEST_REQUIRED=1` makes it an error.
 */
export function whyNoKubernetes(...more: readonly KubernetesBinary[]): string | false {
  const wanted = [...CONTROL_PLANE, ...more]
  const missing = () => wanted.filter((name) => binaryPath(name) === undefined)
  if (missing().length > 0 && process.env['KUBE_TEST_BUILD'] === '1') {
    spawnSync(join(KUBERNETES_SCRIPTS, 'get-binaries.sh'), ['control-plane', ...more], { stdio: 'inherit' })
  }
  const [first, ...others] = missing()
  if (first === undefined) return false
  const why = `no ${[first, ...others].join(', ')}: npm run test:kubernetes builds them once, in about 15 minutes`
  if (process.env['KUBE_TEST_REQUIRED'] === '1') throw new Error(why)
  console.error(`\n*** NOT TESTED ON KUBERNETES: ${why} ***\n`)
  return why
}

let shared: Promise<ControlPlane> | undefined

/**
 * The one control plane of all test files of this process, stopped when the process ends, however it ends. Each file
 * works in namespaces of its own, by `createNamespace`.
 */
export function startControlPlane(): Promise<ControlPlane> {
  shared ??= start()
  return shared
}

/** One more, new and empty, for a test that depends on what is not defined there; stopped after the test. */
export async function startOwnControlPlane(t: { after(end: () => void): void }): Promise<ControlPlane> {
  return await start((stop) => t.after(stop))
}

async function start(
  atEnd: (stop: () => void) => void = (stop) => void process.once('exit', stop),
): Promise<ControlPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-kubernetes-'))
  const script = join(KUBERNETES_SCRIPTS, 'control-plane.sh')
  atEnd(() => {
    spawnSync(script, ['down', directory])
    rmSync(directory, { recursive: true, force: true })
  })
  const control = (action: string) =>
    runFile(script, [action, directory], { env: { KUBE_TEST_OWNER: `${process.pid}` }, timeoutMs: SCRIPT_MS_MAX })
  await control('up')
  return {
    ...toolsAt(directory),
    async restartApiServer(whileDown) {
      await control('apiserver-down')
      try {
        await whileDown?.()
      } finally {
        await control('apiserver-up')
      }
    },
  }
}

/** For a cluster that one of the scripts has started in `directory`. */
export function toolsAt(directory: string): KubernetesTools {
  const env = { KUBECONFIG: join(directory, 'kubeconfig'), KUBECACHEDIR: join(directory, 'kubectl-cache') }
  const kubectl: KubernetesTools['kubectl'] = (args, o = {}) =>
    runBinary('kubectl', args, { ...o, env: { ...env, ...o.env } })
  const home = { HELM_CONFIG_HOME: directory, HELM_CACHE_HOME: directory, HELM_DATA_HOME: directory }
  const helm: KubernetesTools['helm'] = (args, o = {}) =>
    runBinary('helm', args, { ...o, env: { ...env, ...home, ...o.env } })
  const apply: KubernetesTools['apply'] = (objects, args = []) =>
    kubectl(['apply', '--server-side', '--filename', '-', ...args], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    })
  return {
    kubeconfig: env.KUBECONFIG,
    env,
    kubectl,
    helm,
    apply,
    async define(definitions) {
      await apply(definitions, ['--force-conflicts'])
      await kubectl(['wait', 'crd', '--all', '--for=condition=Established', '--timeout=60s'])
    },
    async createNamespace(labels = {}) {
      const name = `test-${randomBytes(4).toString('hex')}`
      await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }])
      // Without it a pod is refused, and a controller makes it a moment later.
      await kubectl(['wait', 'serviceaccount/default', '--namespace', name, '--for=create', '--timeout=60s'])
      return name
    },
  }
}

/** Where it lies; undefined while it is neither found nor built. */
export function binaryPath(name: KubernetesBinary): string | undefined {
  const { status, stdout } = spawnSync(join(KUBERNETES_SCRIPTS, 'get-binaries.sh'), ['path', name], {
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : undefined
}

const found = new Map<KubernetesBinary, string>()

async function runBinary(name: KubernetesBinary, args: readonly string[], o: ToolOptions): Promise<string> {
  const file = found.get(name) ?? binaryPath(name)
  if (file === undefined) throw new Error(`${name} is not there: ask whyNoKubernetes('${name}') first`)
  found.set(name, file)
  return await runFile(file, args, o)
}

/** Runs a script or a program to its end and answers what it printed. */
export function runFile(file: string, args: readonly string[], o: ToolOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const env = { ...process.env, ...o.env }
  const limits = { timeout: o.timeoutMs ?? SCRIPT_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX }
  const child = execFile(file, [...args], { env, ...limits }, (error, stdout, stderr) => {
    if (error === null) resolve(stdout)
    else reject(new KubernetesToolError(`${file} ${args.join(' ')}`, stderr || stdout || error.message))
  })
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(o.input ?? '')
  return promise
}
