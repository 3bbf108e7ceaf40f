import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generatedSecrets } from './generated-secrets.ts'
import { manifestOf } from './manifest.ts'
import { restrictedNamespace } from './namespace.ts'
import { parseSenderSpec } from './parse-sender.ts'
import { PRESETS, type PresetName } from './presets.ts'
import { render } from './render.ts'
import { requiredSecrets } from './secret-files.ts'

// `npm run synth -w infra`: the manifests of both presets, for tools that take plain files.
const DIST = join(import.meta.dirname, '..', 'dist')
const NAME = 'wa'
const NAMESPACE = 'whatsapp'

for (const preset of ['dev', 'prod'] as const) await synth(preset)

async function synth(preset: PresetName): Promise<void> {
  const directory = join(DIST, preset)
  const sender = { name: NAME, namespace: NAMESPACE, spec: parseSenderSpec(PRESETS[preset]) }
  await mkdir(directory, { recursive: true })
  const objects = [restrictedNamespace(NAMESPACE), ...render(sender)]
  const file = join(directory, 'sender.k8s.yaml')
  await rm(file, { force: true })
  await writeFile(file, manifestOf(objects))
  console.log(`${file}: ${objects.length} objects`)
  if (preset === 'dev')
    await keepSecrets(join(directory, 'secrets.k8s.yaml'), generatedSecrets(sender, requiredSecrets(sender)))
}

/** Made once: with others, what is kept could not be read. */
async function keepSecrets(file: string, secrets: readonly object[]): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  )
  if (exists) return
  await writeFile(file, manifestOf(secrets), { mode: 0o600 })
  console.log(`${file}: ${secrets.length} Secrets with random values`)
}
