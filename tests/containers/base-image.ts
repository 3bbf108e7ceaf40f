import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cacheDirectory } from '@whatsapp-sender/sandbox/embedded/repository'
import { runOrThrow } from './container-tools.ts'

const SUITE = 'bookworm'

/**
 * The files of something like `node:24-bookworm-slim` as a tar file, made of Debian's own packages, this Node.js and this
 * machine's npm, so that no image has to be pulled. Kept from one run to the next.
 */
export async function provideBaseImage(): Promise<string> {
  const file = join(cacheDirectory, 'containers', `base-${SUITE}-${process.version}.tar`)
  if (existsSync(file)) return file
  const folder = await mkdtemp(join(tmpdir(), 'base-image-'))
  try {
    const root = join(folder, 'root')
    await runOrThrow('debootstrap', ['--variant=minbase', SUITE, root, ...(await mirror())])
    await addNode(join(root, 'usr/local'))
    await runOrThrow('tar', [
      '--directory',
      root,
      '--create',
      '--file',
      join(folder, 'base.tar'),
      '--exclude=./var/cache/apt/*',
      '.',
    ])
    await mkdir(dirname(file), { recursive: true })
    await copyFile(join(folder, 'base.tar'), `${file}.part`)
    await rename(`${file}.part`, file)
    return file
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function addNode(prefix: string): Promise<void> {
  const npm = join((await runOrThrow('npm', ['root', '--global'])).trim(), 'npm')
  await copyFile(process.execPath, join(prefix, 'bin/node'))
  await cp(npm, join(prefix, 'lib/node_modules/npm'), { recursive: true, dereference: true })
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(prefix, 'bin/npm'))
}

/** Where this machine gets Debian's packages from; elsewhere debootstrap knows a place itself. */
async function mirror(): Promise<readonly string[]> {
  const filters = ['Created-By: Packages', `Codename: ${SUITE}`]
  const sites = await runOrThrow('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...filters]).catch(() => '')
  return sites.split('\n').filter(Boolean).slice(0, 1)
}
