import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, test } from 'node:test'
import { isRunning } from '@whatsapp-sender/sandbox/process/process-identity'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { createSandboxFolder, statusOf } from './run-npm-start.ts'

// The servers of the other tests would be taken for given ones.
const { KAFKA_BROKERS: _kafka, MONGO_URL: _mongo, ...env } = process.env
const folder = await createSandboxFolder(env)
after(() => folder.remove())

test('the command that is shown sends a message that is read, Ctrl-C leaves nothing behind, and the data stay, also on another port', async () => {
  const first = await folder.start()
  const id = await first.sendUntilRead()
  await until('the terminal tells of the message, in words', () =>
    /^\d\d:\d\d:\d\d consumer +message sent messageId=/m.test(first.output()) ? true : undefined,
  )

  assert.match(await folder.outputOf('sandbox/start.ts'), /runs here already/)
  assert.match(await folder.outputOf('sandbox/reset.ts'), /Stop it first/)
  const processes = await first.children()
  assert.equal(processes.length, 5)
  assert.equal(await first.stop(), 0)
  for (const identity of processes) assert.equal(await isRunning(identity), false, `${identity.pid} still runs`)
  assert.equal(existsSync(folder.readyFile), false)

  const second = await folder.start({ PORT: '0' })
  assert.deepEqual({ ...second.system, api: first.system.api }, first.system)
  assert.notEqual(second.system.api, first.system.api)
  assert.equal(await statusOf(second.system, id), 'read')
  await second.sendUntilRead()
  assert.equal(await second.stop(), 0)

  assert.match(await folder.outputOf('sandbox/reset.ts'), /gone/)
  assert.equal(existsSync(folder.directory), false)
})
