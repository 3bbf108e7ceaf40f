import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { z } from 'zod'
import { provideBaseImage } from './base-image.ts'
import { runOrThrow } from './container-tools.ts'

const ImageConfig = z.object({
  User: z.string(),
  Env: z.array(z.string()),
  Entrypoint: z.array(z.string()),
  Cmd: z.array(z.string()),
  WorkingDir: z.string(),
  Healthcheck: z.object({ Test: z.tuple([z.literal('CMD')], z.string()) }).optional(),
})
const Inspected = z.object({ Docker: z.object({ config: ImageConfig }) })

/** An image and the folder where its files can be read. */
export type Image = Readonly<{ config: z.infer<typeof ImageConfig>; root: string }>

export type ImageStore = Readonly<{ folder: string; build(target: string): Promise<Image>; remove(): Promise<void> }>

const BASE = 'localhost/node'

/** Builds targets of the Dockerfile without a container engine, in a folder of its own. */
export async function createImageStore(): Promise<ImageStore> {
  const base = await provideBaseImage()
  const folder = await mkdtemp(join(tmpdir(), 'images-'))
  const buildah = async (...args: readonly string[]): Promise<string> => {
    const place = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'overlay']
    return (await runOrThrow('buildah', [...place, ...args])).trim()
  }
  const from = async (image: string): Promise<string> => lastLine(await buildah('from', '--pull-never', image))

  const scratch = lastLine(await buildah('from', 'scratch'))
  await buildah('add', '--quiet', scratch, base, '/')
  await buildah('config', '--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', scratch)
  await buildah('commit', '--quiet', '--rm', '--format', 'docker', scratch, BASE)
  const npmFiles = await npmConfiguration()

  return {
    folder,
    async build(target) {
      const name = `localhost/whatsapp-sender-${target}`
      const how = ['--isolation', 'chroot', '--format', 'docker', '--layers', '--pull-never']
      const volumes = npmFiles.map((volume) => `--volume=${volume}:ro`)
      const what = ['--build-arg', `NODE_IMAGE=${BASE}`, '--target', target, '--tag', name, repositoryRoot]
      await buildah('bud', ...how, ...volumes, ...what)
      const { Docker } = Inspected.parse(JSON.parse(await buildah('inspect', '--type', 'image', name)))
      return { config: Docker.config, root: lastLine(await buildah('mount', await from(name))) }
    },
    async remove() {
      await buildah('umount', '--all')
      await buildah('rm', '--all')
      await rm(folder, { recursive: true })
    },
  }
}

/** A machine may reach its packages in a way of its own; the images must not remember it. */
async function npmConfiguration(): Promise<readonly string[]> {
  const [user = '', global = '', authorities = ''] = await Promise.all(
    ['userconfig', 'globalconfig', 'cafile'].map(async (key) =>
      (await runOrThrow('npm', ['config', 'get', key])).trim(),
    ),
  )
  const volumes = [
    [user, '/root/.npmrc'],
    [global, '/usr/local/etc/npmrc'],
    [authorities, authorities],
  ]
  return volumes.flatMap(([file = '', place]) => (existsSync(file) ? [`${file}:${place}`] : []))
}

function lastLine(output: string): string {
  return output.slice(output.lastIndexOf('\n') + 1)
}
