import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDirectory, repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { z } from 'zod'
import { runOrThrow } from '../../containers/container-tools.ts'
import { openBuildContext } from './build-context.ts'
import { createImageBuilder, type ImageBuilder } from './build-stages.ts'

export const PACK_IMAGE = join(repositoryRoot, 'tests/kubernetes/assets/pack-image.sh')
const KEPT = join(cacheDirectory, 'cluster-images')
const BYTES_PER_MB = 1_000_000

const Sizes = z.object({
  /** Unpacked, with Node.js and its libraries. */
  megabytes: z.int(),
  /** Without them. */
  appMegabytes: z.int(),
})

export type PackedImage = z.infer<typeof Sizes> &
  Readonly<{
    target: string
    tag: string
    /** The archive, as `node.sh` takes it. */
    file: string
  }>

/** `localhost/whatsapp-sender-api:0.1.0`: a name that no kubelet takes for something to pull. */
export function imageName(target: string, tag: string): string {
  return `localhost/whatsapp-sender-${target}:${tag}`
}

/**
 * Carries out the Dockerfile for each target and packs it under each tag: the same files, told apart by a label. They are
 * kept until anything changes that they are made of.
 */
export async function makeImages(targets: readonly string[], tags: readonly string[]): Promise<readonly PackedImage[]> {
  const folder = join(KEPT, await (await openBuildContext()).hash())
  await forgetOthers(folder)
  const builder = await createImageBuilder()
  try {
    const packed: PackedImage[] = []
    for (const target of targets) {
      const place = join(folder, target)
      if (!existsSync(place)) await makeOne(builder, { target, tags, place })
      const sizes = Sizes.parse(JSON.parse(await readFile(join(place, 'sizes.json'), 'utf8')))
      packed.push(...tags.map((tag) => ({ target, tag, file: join(place, `${tag}.tar`), ...sizes })))
    }
    return packed
  } finally {
    await builder.remove()
  }
}

async function makeOne(
  builder: ImageBuilder,
  { target, tags, place }: Readonly<{ target: string; tags: readonly string[]; place: string }>,
): Promise<void> {
  const unfinished = `${place}.part`
  await mkdir(unfinished, { recursive: true })
  const { root, settings } = await builder.build(target)
  for (const tag of tags) {
    const configFile = join(unfinished, `${tag}.json`)
    const labels = { 'org.opencontainers.image.version': tag }
    await writeFile(configFile, JSON.stringify({ ...settings, Labels: labels }))
    await runOrThrow(PACK_IMAGE, [imageName(target, tag), root, configFile, join(unfinished, `${tag}.tar`)])
  }
  const [megabytes, appMegabytes] = await Promise.all([sizeOf(root), sizeOf(join(root, 'app'))])
  await writeFile(join(unfinished, 'sizes.json'), JSON.stringify({ megabytes, appMegabytes }))
  await rename(unfinished, place)
}

async function forgetOthers(folder: string): Promise<void> {
  const kept = await readdir(KEPT).catch(() => [])
  const others = kept.map((name) => join(KEPT, name)).filter((path) => path !== folder)
  await Promise.all(others.map((path) => rm(path, { recursive: true })))
}

async function sizeOf(folder: string): Promise<number> {
  const [bytes = ''] = (await runOrThrow('du', ['--summarize', '--bytes', folder])).split('\t')
  return Math.round(Number(bytes) / BYTES_PER_MB)
}
