import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '@whatsapp-sender/sandbox/embedded/run-tool'
import { type Exit, type RunningProcess, startProcess } from '@whatsapp-sender/sandbox/process/running-process'
import type { Image, ImageStore } from './image-store.ts'

const STOP_TIMEOUT_MS = 100_000

export type Container = RunningProcess & Readonly<{ logFile: string; isHealthy(): Promise<boolean> }>

/**
 * Runs an image as compose.yaml asks for: its root cannot be written to, /tmp is in memory, no capability, no new
 * privileges. It shares this machine's network.
 */
export async function startContainer(o: {
  store: ImageStore
  image: Image
  name: string
  env: Readonly<Record<string, string>>
  /** In place of the image's own arguments to Node.js. */
  args?: readonly string[]
  volumes?: Readonly<Record<string, string>>
}): Promise<Container> {
  const bundle = join(o.store.folder, 'containers', o.name)
  const logFile = join(bundle, 'output.log')
  await mkdir(bundle, { recursive: true })
  await writeFile(join(bundle, 'config.json'), JSON.stringify(runtimeSpec(o)))
  const state = join(o.store.folder, 'crun')
  const running = await startProcess({
    command: crun(state, 'run', '--bundle', bundle, o.name),
    logFile,
    stopTimeoutMs: STOP_TIMEOUT_MS,
  })
  return {
    ...running,
    logFile,
    async isHealthy() {
      const [, ...test] = o.image.config.Healthcheck?.Test ?? []
      const { file, args } = crun(state, 'exec', o.name, ...test)
      return (await runTool(file, args, { timeoutMs: 10_000 })).succeeded
    },
  }
}

/** Runs an image to its end. */
export async function runContainer(o: Parameters<typeof startContainer>[0]): Promise<Exit & { output: string }> {
  const container = await startContainer(o)
  const exit = await container.exited
  return { ...exit, output: await readFile(container.logFile, 'utf8') }
}

/** A machine whose control groups crun cannot use gets its own view of them; the limits of a container are not tested. */
function crun(state: string, ...args: readonly string[]) {
  const script =
    'umount --recursive /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup; exec crun --cgroup-manager=disabled "$@"'
  return {
    file: 'unshare',
    args: ['--mount', 'sh', '-c', script, 'crun', '--root', state, ...args],
    env: { PATH: process.env['PATH'] },
  }
}

function runtimeSpec({ image, env, args, volumes = {} }: Parameters<typeof startContainer>[0]) {
  const { config, root } = image
  const [uid, gid] = config.User.split(':').map(Number)
  const inMemory = (destination: string, mode: string) => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'nodev', `mode=${mode}`],
  })
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid, gid },
      args: [...config.Entrypoint, ...(args ?? config.Cmd)],
      env: [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      cwd: config.WorkingDir,
      noNewPrivileges: true,
      capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
    },
    root: { path: root, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { ...inMemory('/dev', '755'), options: ['nosuid', 'mode=755'] },
      inMemory('/tmp', '1777'),
      ...Object.entries(volumes).map(([destination, source]) => ({
        destination,
        type: 'bind',
        source,
        options: ['bind', 'rw'],
      })),
    ],
    linux: { namespaces: ['mount', 'pid', 'ipc', 'uts'].map((type) => ({ type })) },
  }
}
