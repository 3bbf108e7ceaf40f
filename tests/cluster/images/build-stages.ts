import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runOrThrow } from '../../containers/container-tools.ts'
import { type Instruction, readDockerfile, type Stage, wordsOf } from '../../containers/dockerfile.ts'
import { type BuildContext, openBuildContext } from './build-context.ts'

/** What a stage has come to: the folder that is its root, and what its instructions set. */
type Built = Readonly<{
  root: string
  settings: ImageSettings
  /** Of ARG: a stage has those of the stages below it. */
  args: readonly string[]
}>

/** As an image carries it. */
export type ImageSettings = Readonly<{
  Env: readonly string[]
  User: string
  WorkingDir: string
  Entrypoint: readonly string[]
  Cmd: readonly string[]
}>

export type ImageBuilder = Readonly<{
  /** Carries out the Dockerfile up to a target. */
  build(target: string): Promise<Built>
  remove(): Promise<void>
}>

const NOTHING = {
  settings: { Env: ['PATH=/usr/local/bin'], User: '0:0', WorkingDir: '/', Entrypoint: [], Cmd: [] },
  args: [],
} as const

/**
 * Carries out the Dockerfile without a container engine. Of NODE_IMAGE there is Node.js alone; what RUN needs beyond that
 * is this machine's, and in no image. Needs root.
 */
export async function createImageBuilder(): Promise<ImageBuilder> {
  const [stages, context] = await Promise.all([readDockerfile(), openBuildContext()])
  const folder = await mkdtemp(join(tmpdir(), 'whatsapp-sender-images-'))
  const built = new Map<string, Promise<Built>>()

  const buildOnce = (name: string): Promise<Built> => {
    const known = built.get(name) ?? buildStage(name)
    built.set(name, known)
    return known
  }

  async function buildStage(name: string): Promise<Built> {
    const stage = stages.get(name)
    if (stage === undefined) throw new Error(`the Dockerfile has no stage ${name}`)
    const root = join(folder, name)
    const below = stages.has(stage.base) ? await buildOnce(stage.base) : undefined
    if (stage.base === 'scratch') await mkdir(root)
    else if (below === undefined) await makeBase(root)
    else await runOrThrow('cp', ['--archive', '--no-target-directory', below.root, root])
    const stageFolder = (other: string) => buildOnce(other).then((one) => one.root)
    return carryOut(stage, { context, stageFolder }, below === undefined ? { ...NOTHING, root } : { ...below, root })
  }

  return { build: buildOnce, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Where COPY takes from. */
type Sources = Readonly<{ context: BuildContext; stageFolder(name: string): Promise<string> }>

async function carryOut({ instructions }: Stage, sources: Sources, before: Built): Promise<Built> {
  let now = before
  for (const instruction of instructions) {
    const { name, text } = instruction
    if (name === 'ARG') now = { ...now, args: [...now.args, unquoted(text)] }
    else if (name === 'RUN') await run(now, text)
    else if (name === 'COPY') await copy(now, text, sources)
    else now = { ...now, settings: settingsAfter(now.settings, instruction) }
    if (name === 'WORKDIR') await mkdir(join(now.root, now.settings.WorkingDir), { recursive: true })
  }
  return now
}

function settingsAfter(before: ImageSettings, { name, text }: Instruction): ImageSettings {
  if (name === 'ENV') return { ...before, Env: [...before.Env, ...text.split(/ +(?=\w+=)/).map(unquoted)] }
  if (name === 'USER') return { ...before, User: text }
  if (name === 'WORKDIR') return { ...before, WorkingDir: text }
  if (name === 'ENTRYPOINT') return { ...before, Entrypoint: wordsOf([{ name, text }], name), Cmd: [] }
  if (name === 'CMD') return { ...before, Cmd: wordsOf([{ name, text }], name) }
  return before
}

function unquoted(setting: string): string {
  return setting.replace(/^(\w+)="(.*)"$/, '$1=$2')
}

async function copy({ root, settings }: Built, text: string, { context, stageFolder }: Sources): Promise<void> {
  const words = text.split(/ +/)
  const option = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.split('=')[1]
  const paths = words.filter((word) => !word.startsWith('--'))
  const to = paths.at(-1) ?? ''
  const goesInside = to.endsWith('/')
  const staging = await mkdtemp(`${root}-copy-`)
  await chmod(staging, 0o755)
  const staged = goesInside ? `${staging}/` : join(staging, 'content')
  const from = option('from')
  for (const path of paths.slice(0, -1)) {
    if (from === undefined) await context.copy(path, staged)
    else await runOrThrow('cp', ['--archive', '--no-target-directory', join(await stageFolder(from), path), staged])
  }
  // What comes of another stage keeps its owner.
  const owner = option('chown') ?? (from === undefined ? '0:0' : undefined)
  if (owner !== undefined) await runOrThrow('chown', ['--recursive', owner, staging])
  const target = join(root, to.startsWith('/') ? to : join(settings.WorkingDir, to))
  await mkdir(goesInside ? target : dirname(target), { recursive: true })
  await runOrThrow('cp', ['--archive', '--no-target-directory', goesInside ? `${staging}/.` : staged, target])
  await rm(staging, { recursive: true })
}

/** The folders of this machine that a shell, npm and `install` need, seen by RUN alone. */
const LENT = ['bin', 'sbin', 'lib', 'lib64', 'usr', 'etc', 'root', 'dev', 'proc']
const LEND = `
  for name in ${LENT.join(' ')}; do
    if [ -e "/$name" ]; then mkdir -p "$ROOT/$name" && mount --rbind "/$name" "$ROOT/$name" || exit; fi
  done
  mkdir -p "$ROOT/.node" && mount --bind "$NODE" "$ROOT/.node" || exit
  exec chroot --userspec="$AS" "$ROOT" sh -c "cd $IN && $COMMAND"`

async function run({ root, settings, args }: Built, command: string): Promise<void> {
  const lent = [`HOME=${process.env['HOME'] ?? '/root'}`, `PATH=/.node:${process.env['PATH'] ?? ''}`]
  const told = [`ROOT=${root}`, `NODE=${dirname(process.execPath)}`, `AS=${settings.User}`, `IN=${settings.WorkingDir}`]
  const env = [...settings.Env, ...args, ...lent, ...told, `COMMAND=${command}`]
  await runOrThrow('unshare', ['--mount', 'env', '--ignore-environment', ...env, 'sh', '-c', LEND])
}

/** In place of NODE_IMAGE. */
async function makeBase(root: string): Promise<void> {
  await mkdir(join(root, 'usr/local/bin'), { recursive: true })
  await copyFile(process.execPath, join(root, 'usr/local/bin/node'))
}
