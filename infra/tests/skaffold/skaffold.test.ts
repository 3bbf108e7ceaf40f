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
const Skaffold = z.looseObject({
  build: z.looseObject({ artifacts: z.array(Artifact) }),
  manifests: z.looseObject({ kustomize: z.looseObject({ paths: z.array(z.string()) }) }),
})

const content: unknown = parse(await readFile(join(repositoryRoot, 'skaffold.yaml'), 'utf8'))
const { build, manifests } = Skaffold.parse(content)
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

for (const { image, docker, sync } of build.artifacts) {
  test(`${image} is built by a target that the Dockerfile has`, () => {
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
