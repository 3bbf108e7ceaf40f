import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { whyNoKubernetes } from '../support/kubernetes.ts'
import { conditionsOf, type Instances, instancesOf } from './support/instances.ts'
import { type OperatedSystem, secret, startOperatedSystem } from './support/operated-system.ts'

const PACE = { perMinute: 30, burst: 2 }
const NUMBER = '+5511999990000'

describe('a WhatsAppInstance', { skip: whyNoKubernetes() }, () => {
  let operated: OperatedSystem
  let instances: Instances
  before(async () => {
    operated = await startOperatedSystem()
    instances = instancesOf(operated)
  })
  after(() => operated.stop())

  test('is made for its owner, shows a code to scan, and follows its phone until it is deleted', async () => {
    const { system } = operated
    const ownerEmail = system.adminAccount.email
    const spec = { number: NUMBER, ownerEmail, pace: PACE, deletionPolicy: 'Delete' }
    await instances.want('support', spec)
    await instances.waitFor('support', 'Ready')
    const made = await instances.atApi('support')
    assert.deepEqual([made?.managedBy, made?.pace, made?.paused, made?.number], ['kubernetes', PACE, false, NUMBER])

    const pairing = await instances.statusWhen('support', ({ phase }) => phase === 'Pairing')
    assert.deepEqual(conditionsOf(pairing), {
      Ready: 'True AsDeclared',
      Reconciling: 'False Ready',
      Stalled: 'False Ready',
      Connected: 'False WaitingForScan',
      NumberAsDeclared: 'Unknown NotKnown',
      CredentialsValid: 'True NotRefused',
    })
    assert.equal(pairing.pairing?.secretName, 'support-pairing')
    assert.ok(Date.parse(pairing.pairing.expiresAt) > Date.now())
    const code = await instances.secretData('support-pairing')
    assert.deepEqual(Object.keys(code).sort(), ['code', 'expires-at', 'pairing-code', 'qr.png'])
    assert.match(textOf(code['qr.png']), /^\x89PNG/)
    const told = JSON.stringify(pairing) + (await instances.kubectl(['get', 'events', '--output=json']))
    for (const key of ['code', 'pairing-code']) assert.ok(!told.includes(textOf(code[key])), `${key} is told`)

    await system.gateway.setState('support', 'open')
    const connected = await instances.statusWhen('support', ({ phase }) => phase === 'Connected')
    assert.deepEqual([connected.connectionState, connected.phoneNumber], ['open', NUMBER])
    assert.deepEqual([connected.pairing, connected.lastSeen], [undefined, undefined])
    assert.equal(conditionsOf(connected)['Connected'], 'True Open')
    await instances.gone('secret', 'support-pairing')
    const sent = await system.admin.send('support', '+5511999991001', 'hello')
    await system.admin.follow(sent.body.id, ['sent', 'delivered', 'read'])

    await instances.want('support', { ...spec, paused: true })
    const paused = await instances.statusWhen('support', ({ phase }) => phase === 'Paused')
    assert.deepEqual([paused.connectionState, conditionsOf(paused)['Ready']], ['open', 'True Connected'])
    assert.equal((await instances.atApi('support'))?.paused, true)
    await instances.want('support', spec)
    await instances.statusWhen('support', ({ phase }) => phase === 'Connected')

    await system.gateway.setState('support', 'close')
    const lost = await instances.statusWhen('support', ({ connectionState }) => connectionState !== 'open')
    assert.deepEqual([lost.phoneNumber, lost.lastSeen === undefined], [undefined, false])
    await instances.statusWhen('support', ({ phase }) => phase === 'Pairing')
    assert.notEqual((await instances.secretData('support-pairing'))['code'], code['code'])
    await system.gateway.setState('support', 'open')
    await instances.statusWhen('support', ({ phase }) => phase === 'Connected')
    await instances.gone('secret', 'support-pairing')

    await instances.remove('support')
    assert.equal(await instances.atApi('support'), undefined)
    assert.equal(await statusAtEvolution('support'), 404)
  })

  test('has one that keeps it: of two resources the older, and the other when that one is gone', async () => {
    const spec = { instanceName: 'shared', kind: 'sandbox' }
    await instances.want('first', { ...spec, pace: PACE })
    await instances.waitFor('first', 'Ready')
    await instances.want('second', spec)
    await instances.waitFor('second', 'Stalled')
    const { phase, conditions } = await instances.status('second')
    assert.equal(phase, 'Failed')
    const stalled = conditions?.find(({ type }) => type === 'Stalled')
    assert.equal(stalled?.reason, 'NameConflict')
    assert.match(stalled.message, /\/first/)
    await instances.remove('second')
    assert.deepEqual((await instances.atApi('shared'))?.managedBy, 'kubernetes')
    await instances.want('second', spec)
    await instances.waitFor('second', 'Stalled')
    await instances.remove('first')
    await instances.waitFor('second', 'Ready')
    assert.equal((await instances.atApi('shared'))?.pace, undefined)
  })

  test('is brought in step again whatever is changed at the API', async () => {
    const { admin, store } = operated.system
    await instances.want('drifting', { kind: 'sandbox', pace: PACE, ownerEmail: operated.system.adminAccount.email })
    await instances.waitFor('drifting', 'Ready')
    const made = await instances.atApi('drifting')
    await store.instances.configure(made?.id ?? '', { paused: true, pace: undefined })
    await until('its settings are back', async () => {
      const is = await instances.atApi('drifting')
      return is?.paused === false && is.pace?.perMinute === PACE.perMinute ? true : undefined
    })
    await admin.call('PUT', '/v1/instances/drifting/manager', { managedBy: null })
    await until('it is kept again', async () => (await instances.atApi('drifting'))?.managedBy)
    await store.instances.markDeleted(made?.id ?? '')
    const again = await until('there is one again', async () => {
      const is = await instances.atApi('drifting')
      return is?.id === made?.id ? undefined : is
    })
    assert.deepEqual([again.pace, again.managedBy], [PACE, 'kubernetes'])
  })

  test('is adopted with the key of its Secret, and has the next one when that is changed', async () => {
    const { gateway, evolutionKey, store } = operated.system
    await fetch(`${gateway.url}/instance/create`, {
      method: 'POST',
      headers: { apikey: evolutionKey, 'content-type': 'application/json' },
      body: JSON.stringify({ instanceName: 'found', integration: 'WHATSAPP-BAILEYS', token: 'its-own-key' }),
    })
    await gateway.setState('found', 'open')
    await instances.want('found', { adopt: true, apiKeySecretRef: { name: 'found-key' } })
    await instances.waitFor('found', 'Stalled')
    assert.equal(conditionsOf(await instances.status('found'))['Stalled'], 'True SecretMissing')
    await giveKey('its-own-key')
    await instances.waitFor('found', 'Connected')
    assert.equal((await instances.atApi('found'))?.evolutionToken, 'its-own-key')

    await giveKey('a-wrong-key')
    const refused = await instances.statusWhen('found', (is) => conditionsOf(is)['Stalled'] === 'True KeyRefused')
    assert.equal(conditionsOf(refused)['CredentialsValid'], 'False KeyRefused')
    await giveKey('its-own-key')
    await instances.waitFor('found', 'Connected')
    await instances.waitFor('found', 'CredentialsValid')

    await store.instances.setEvolutionToken((await instances.atApi('found'))?.id ?? '', 'changed-at-the-api')
    await until('the key is back', async () =>
      (await instances.atApi('found'))?.evolutionToken === 'its-own-key' ? true : undefined,
    )
  })

  test('is left to its owner when its resource goes with Retain, and without its phone with Logout', async () => {
    const { admin, gateway, adminAccount } = operated.system
    for (const deletionPolicy of ['Retain', 'Logout']) {
      const name = `left-${deletionPolicy.toLowerCase()}`
      await instances.want(name, { deletionPolicy, ownerEmail: adminAccount.email })
      await instances.waitFor(name, 'Ready')
      await gateway.setState(name, 'open')
      await instances.waitFor(name, 'Connected')
      await instances.remove(name)
      await until('it is its owner’s', async () =>
        (await instances.atApi(name))?.managedBy === undefined ? true : undefined,
      )
      const { body } = await admin.call<{ state: string }>('GET', `/v1/instances/${name}`)
      assert.equal(body.state, deletionPolicy === 'Retain' ? 'open' : 'close')
    }
  })

  test('of a user is not taken over unless it is to be adopted, and nobody’s is', async () => {
    const { admin, adminAccount } = operated.system
    await admin.createInstance('theirs')
    await instances.want('theirs', { pace: PACE })
    await instances.waitFor('theirs', 'Stalled')
    assert.equal(conditionsOf(await instances.status('theirs'))['Stalled'], 'True NameTaken')
    assert.equal((await instances.atApi('theirs'))?.managedBy, undefined)
    await instances.want('theirs', { pace: PACE, adopt: true, ownerEmail: adminAccount.email })
    await instances.waitFor('theirs', 'Ready')
    assert.deepEqual((await instances.atApi('theirs'))?.pace, PACE)
  })

  test('waits for its owner to be approved, and says so', async () => {
    const person = { fullname: 'Ana Souza', email: 'ana@example.com', password: 'uma frase bem comprida' }
    const { anonymous, admin } = operated.system
    await instances.want('hers', { kind: 'sandbox', ownerEmail: person.email })
    await instances.waitFor('hers', 'Stalled')
    assert.equal(conditionsOf(await instances.status('hers'))['Stalled'], 'True OwnerNotApproved')
    const { body } = await anonymous.call<{ id: string }>('POST', '/user/signup', person)
    await admin.call('PATCH', `/v1/users/${body.id}`, { status: 'approved' })
    await instances.waitFor('hers', 'Ready')
    assert.equal((await instances.atApi('hers'))?.owner, body.id)
  })

  function giveKey(key: string): Promise<string> {
    return operated.plane.apply([secret(operated.namespace, 'found-key', { apiKey: key })])
  }

  async function statusAtEvolution(name: string): Promise<number> {
    const { gateway, evolutionKey } = operated.system
    const answer = await fetch(`${gateway.url}/instance/connectionState/${name}`, { headers: { apikey: evolutionKey } })
    return answer.status
  }
})

function textOf(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('latin1')
}
