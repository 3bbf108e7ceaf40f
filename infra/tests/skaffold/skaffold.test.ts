import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, matchesGlob } from 'node:path'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { z } from 'zod'
import { copiedBy, instructionsOf, readDockerfile, wordsOf } from '../../../tests/containers/dockerfile.ts'

const repositoryRoot = join(import.meta.dirname, '../../..')

const Artifact = z.looseObject({
  image: z.string(),
  docker: z.looseObject({ dockerfile: z.string(), target: z.string() }),
  sync: z.looseObject({ manual: z.array(z.looseObject({ src: z.string(), dest: z.string() })) }).optional(),
})
const Build = z.looseObject({ artifacts: z.array(Artifact) })
const Release = z.looseObject({
  name: z.string(),
  chartPath: z.string(),
  namespace: z.string(),
  setValueTemplates: z.record(z.string(), z.string()),
})
const Skaffold = z.looseObject({
  build: Build,
  profiles: z.tuple([
    z.looseObject({
      name: z.literal('prod'),
      build: Build,
      patches: z.array(z.looseObject({ op: z.string(), path: z.string() })),
      deploy: z.looseObject({ helm: z.looseObject({ releases: z.tuple([Release]) }) }),
    }),
  ]),
  portForward: z.array(z.looseObject({ resourceName: z.string(), namespace: z.string() })),
  manifests: z.looseObject({ kustomize: z.looseObject({ paths: z.array(z.string()) }) }),
})

const content: unknown = parse(await readFile(join(repositoryRoot, 'skaffold.yaml'), 'utf8'))
const { build, manifests, portForward, profiles } = Skaffold.parse(content)
const [prod] = profiles
const stages = await readDockerfile()

test('skaffold.yaml is what Skaffold itself takes', async () => {
  const schema: unknown = JSON.parse(await readFile(join(import.meta.dirname, 'skaffold-v4beta14.json'), 'utf8'))
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  const validate = ajv.compile(z.looseObject({}).parse(schema))
  assert.ok(validate(content), JSON.stringify(validate.errors, null, 2))
  assert.ok(!validate({ ...z.looseObject({}).parse(content), build: { artefacts: [] } }), 'the schema refuses nothing')
})

test('what it deploys is there once the manifests are made', () => {
  for (const folder of manifests.kustomize.paths) {
    assert.ok(existsSync(join(repositoryRoot, folder, 'kustomization.yaml')), folder)
  }
})

for (const { image, docker, sync } of [...build.artifacts, ...prod.build.artifacts]) {
  test(`${image} is built by ${docker.target}, a target that the Dockerfile has`, () => {
    assert.ok(existsSync(join(repositoryRoot, docker.dockerfile)))
    assert.ok(stages.has(docker.target), docker.target)
  })

  if (sync === undefined) continue

  test(`a change of a source of ${image} reaches a file that its image holds, and may be written there`, () => {
    const component = image.replace('whatsapp-sender-', '')
    const copied = copiedBy(instructionsOf(stages, `${component}-files`))
    const [, ...own] = instructionsOf(stages, docker.target).filter(({ name }) => name === 'COPY')
    assert.deepEqual(own, [{ name: 'COPY', text: `--from=${component}-files --chown=10001:10001 /app /app` }])
    for (const { src, dest } of sync.manual) {
      assert.equal(dest, '/app', 'the image has its sources where they are in the repository')
      const sources = globSync(src, { cwd: repositoryRoot })
      assert.ok(sources.length > 0, src)
      assert.ok(sources.every((file) => copied.some((path) => file.startsWith(`${path}/`) || matchesGlob(file, path))))
    }
  })

  test(`${docker.target} runs what the image ${image} runs, and begins anew with each change`, () => {
    const [usual, watching] = [image.replace('whatsapp-sender-', ''), docker.target].map((stage) =>
      instructionsOf(stages, stage),
    )
    assert.ok(usual && watching)
    assert.deepEqual(wordsOf(watching, 'ENTRYPOINT'), [...wordsOf(usual, 'ENTRYPOINT'), '--watch'])
    assert.deepEqual(wordsOf(watching, 'CMD'), wordsOf(usual, 'CMD'))
  })
}

test('the profile prod installs the chart with every image that it builds, in place of the manifests', async () => {
  const [release] = prod.deploy.helm.releases
  const { setValueTemplates, chartPath, name, namespace } = release
  const images = prod.build.artifacts.map(({ image }) => image)
  assert.deepEqual(
    Object.values(setValueTemplates).sort(),
    images.map((image) => `{{.IMAGE_FULLY_QUALIFIED_${image.replaceAll('-', '_')}}}`).sort(),
  )
  assert.deepEqual(prod.patches, [{ op: 'remove', path: '/manifests' }])
  for (const service of portForward) {
    assert.equal(service.namespace, namespace)
    assert.ok(service.resourceName.startsWith(`${name}-`), 'children are named after the release')
  }
  const read = (file: string) => readFile(join(repositoryRoot, chartPath, file), 'utf8')
  const validate = new Ajv({ strict: false }).compile(
    z.looseObject({}).parse(JSON.parse(await read('values.schema.json'))),
  )
  const values = z.looseObject({}).parse(parse(await read('values.yaml')))
  const built = (template: string) =>
    template.replace(/^.*FULLY_QUALIFIED_(\w+)\}\}$/, `$1:Tag@sha256:${'0a'.repeat(32)}`)
  const settings = Object.fromEntries(Object.entries(setValueTemplates).map(([path, value]) => [path, built(value)]))
  assert.ok(validate(valuesWith(values, settings)), JSON.stringify(validate.errors))
  assert.ok(!validate(valuesWith(values, { 'sender.api.picture': 'x' })), 'a value that is none is taken')
})

/** As `helm --set` does it. */
function valuesWith(values: object, settings: Readonly<Record<string, string>>): object {
  const result = structuredClone(values)
  for (const [path, value] of Object.entries(settings)) {
    const names = path.split('.')
    const last = names.pop() ?? ''
    let place: Record<string, unknown> = Object(result)
    for (const name of names) {
      place[name] ??= {}
      place = Object(place[name])
    }
    place[last] = value
  }
  return result
}
