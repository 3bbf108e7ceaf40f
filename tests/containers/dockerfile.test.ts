import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { nodeEnvironment, nodeFlagsOf } from '@whatsapp-sender/sandbox/process/node-command'
import { z } from 'zod'
import { variablesIn } from './compose-file.ts'
import { copiedBy, instructionsOf, readDockerfile, wordsOf } from './dockerfile.ts'
import { importedFiles } from './imported-files.ts'

const stages = await readDockerfile()
const IMAGES = ['api', 'consumer', 'operator', 'topics', 'sandbox']
/** What an image can be told to run instead. */
const OTHER_PROGRAMS: Readonly<Record<string, readonly string[]>> = { api: ['services/canary/src/main.ts'] }

for (const image of IMAGES) {
  const final = instructionsOf(stages, image)
  const build = instructionsOf(stages, `${image}-files`)
  const [main = ''] = wordsOf(final, 'CMD')
  const mains = [main, ...(OTHER_PROGRAMS[image] ?? [])]
  const imported = async () => {
    const each = await Promise.all(mains.map(importedFiles))
    return { files: each.flatMap(({ files }) => files), packages: each.flatMap(({ packages }) => packages) }
  }

  test(`image ${image} runs its program with the flags that it is tested and measured with, and the same memory`, () => {
    for (const each of mains) assert.deepEqual(wordsOf(final, 'ENTRYPOINT'), ['node', ...nodeFlagsOf(each)])
    const environment = final.filter(({ name }) => name === 'ENV').flatMap(({ text }) => text.split(' '))
    assert.ok(environment.includes(`MALLOC_ARENA_MAX=${nodeEnvironment({})['MALLOC_ARENA_MAX']}`))
  })

  test(`what image ${image} compiles is compiled under the flags of the run, without which it would not be used`, () => {
    const flags = build.findLast(({ text }) => text.startsWith('NODE_FLAGS='))
    assert.equal(flags?.text, `NODE_FLAGS="${nodeFlagsOf(main).join(' ')}"`)
  })

  test(`image ${image} holds every file that its program loads`, async () => {
    const copied = copiedBy(build)
    const { files } = await imported()
    assert.ok(files.length > 1)
    assert.deepEqual(
      files.filter((file) => !copied.some((path) => file === path || file.startsWith(`${path}/`))),
      [],
    )
  })

  test(`image ${image} installs every package that its program names, and none for development`, async () => {
    const install = build.filter(({ text }) => text.startsWith('npm ')).map(({ text }) => text)
    assert.equal(install.length, 1)
    assert.match(install[0] ?? '', /^npm ci --omit=dev --omit=optional (--workspace=\S+ ?)+$/)
    const workspaces = [...(install[0] ?? '').matchAll(/--workspace=(\S+)/g)].map(([, folder]) => folder ?? '')
    const installed = await dependenciesOf(workspaces)
    const { packages } = await imported()
    assert.deepEqual(
      packages.filter((name) => !installed.includes(name)),
      [],
    )
  })

  test(`image ${image} holds no program but Node.js`, () => {
    assert.equal(rootOf(image), 'scratch')
    const foreign = final.filter(({ name, text }) => name === 'COPY' && text.startsWith('--from=node '))
    assert.deepEqual(
      foreign.map(({ text }) => text),
      ['--from=node /runtime /', '--from=node /usr/local/bin/node /usr/local/bin/node'],
    )
  })

  test(`image ${image} runs as a user that is a number, and writes nothing to its own files`, () => {
    assert.equal(final.findLast(({ name }) => name === 'USER')?.text, '10001:10001')
    assert.ok(!final.some(({ name }) => name === 'RUN'), 'a RUN would leave files behind')
  })
}

test('every base is one argument, so that one digest pins it', () => {
  const bases = [...stages.values()].map(({ base }) => base).filter((base) => !stages.has(base) && base !== 'scratch')
  assert.deepEqual([...new Set(bases)].map(variablesIn), [['NODE_IMAGE']])
})

const Manifest = z.object({ name: z.string(), dependencies: z.record(z.string(), z.string()).default({}) })

/** What the image of a stage begins with. */
function rootOf(stage: string): string {
  const base = stages.get(stage)?.base
  return base === undefined ? stage : rootOf(base)
}

/** What npm installs for these workspaces, through those of ours that they depend on. */
async function dependenciesOf(folders: readonly string[]): Promise<readonly string[]> {
  const names = new Set<string>()
  const open = [...folders]
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const manifest = Manifest.parse(JSON.parse(await readFile(join(repositoryRoot, folder, 'package.json'), 'utf8')))
    for (const name of Object.keys(manifest.dependencies)) {
      if (names.has(name)) continue
      names.add(name)
      if (name === '@whatsapp-sender/infra') open.push('infra')
      else if (name.startsWith('@whatsapp-sender/')) open.push(name.replace('@whatsapp-sender', 'packages'))
    }
  }
  return [...names]
}
