import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite } from 'node:test'
import { testFirstMessage } from './first-message.ts'
import { testKeda } from './keda.ts'
import { testMonitoring } from './monitoring.ts'
import { testRolling } from './rolling.ts'
import { testRotation } from './rotation.ts'
import { testSecrets } from './secrets.ts'
import { type Installation, install } from './support/installation.ts'
import type { Teardown } from './support/teardown.ts'

// `npm run test:cluster`: the product as its chart installs it, on a real node. README.md tells what it needs.

const SUITES = {
  product: () => {
    testFirstMessage(() => installation)
    testRolling(() => installation)
    testSecrets(() => installation)
    testRotation(() => installation, teardown)
  },
  monitoring: () =>
    testMonitoring(
      () => installation,
      () => folder,
    ),
  keda: () =>
    testKeda(
      () => installation,
      () => folder,
    ),
} as const

if (process.getuid?.() !== 0) {
  console.error('npm run test:cluster needs root: it starts a node, which changes network, mounts and control groups.')
  process.exit(2)
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['product']
const chosen = wanted.map((name) => Object.entries(SUITES).find(([known]) => known === name)?.[1])
if (chosen.includes(undefined)) {
  console.error(`The suites are: ${Object.keys(SUITES).join(', ')}`)
  process.exit(2)
}

let installation: Installation
const teardown: Teardown = []
const folder = mkdtempSync(join(tmpdir(), 'whatsapp-sender-programs-'))
teardown.push(async () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void undoAll().finally(() => process.exit(130)))
}

suite('on a real node', () => {
  before(async () => {
    installation = await install(teardown, { tell: (what) => console.log(what) }).catch(async (error: unknown) => {
      await undoAll()
      throw error
    })
  })
  after(undoAll)
  for (const add of chosen) add?.()
})

async function undoAll(): Promise<void> {
  for (let step = teardown.pop(); step !== undefined; step = teardown.pop()) await step()
}
