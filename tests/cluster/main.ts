import { after, before, suite } from 'node:test'
import { testFirstMessage } from './first-message.ts'
import { testRolling } from './rolling.ts'
import { testSecrets } from './secrets.ts'
import { type Installation, install, type Teardown } from './support/installation.ts'

// `npm run test:cluster`: the product as its chart installs it, on a real node. README.md tells what it needs.

if (process.getuid?.() !== 0) {
  console.error('npm run test:cluster needs root: it starts a node, which changes network, mounts and control groups.')
  process.exit(2)
}

const teardown: Teardown = []
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void undoAll().finally(() => process.exit(130)))
}

suite('on a real node', () => {
  let installation: Installation
  before(async () => {
    installation = await install(teardown, { tell: (what) => console.log(what) }).catch(async (error: unknown) => {
      await undoAll()
      throw error
    })
  })
  after(undoAll)
  testFirstMessage(() => installation)
  testRolling(() => installation)
  testSecrets(() => installation)
})

async function undoAll(): Promise<void> {
  for (let step = teardown.pop(); step !== undefined; step = teardown.pop()) await step()
}
