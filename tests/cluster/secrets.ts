import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { INSTANCES } from './rolling.ts'
import type { Installation } from './support/installation.ts'
import { replacing, untilReplaced } from './support/pods-replaced.ts'
import { underLoad } from './support/under-load.ts'

export function testSecrets(installation: () => Installation): void {
  test('a new connection string of the database reaches every pod, and no message is lost', async (t) => {
    await underLoad(t, installation(), { name: 'mongo', instances: INSTANCES }, () =>
      replacing(installation(), installation().rotateMongo),
    )
  })

  test('with a new JWT_SECRET alone everybody signs in again, and what was accepted is sent', async () => {
    const { node, namespace, pods, signIn } = installation()
    const admin = await signIn()
    const api = await pods.list('api')
    const accepted = await admin.send('roll-a', '+5511980000001', 'before the keys change')
    assert.equal(accepted.status, 202)
    const stringData = { JWT_SECRET: randomBytes(32).toString('base64url') }
    const patch = JSON.stringify({ stringData })
    await node.kubectl(['patch', 'secret', 'wa-keys', '--namespace', namespace, '--type=merge', '--patch', patch])
    await untilReplaced(installation(), 'api', api)
    assert.equal((await admin.getMessage(accepted.body.id)).status, 401)
    const again = await signIn()
    await again.follow(accepted.body.id, ['read'])
  })
}
