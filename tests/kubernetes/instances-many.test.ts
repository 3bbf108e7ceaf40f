import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { whyNoKubernetes } from '../support/kubernetes.ts'
import { conditionsOf, type Instances, instancesOf } from './support/instances.ts'
import { type OperatedSystem, secret, startOperatedSystem } from './support/operated-system.ts'

const MANY = 200
/** Of a machine that does nothing else; the rest is for one that does. */
const MANY_MS_MAX = 30_000
const PATIENCE = 4

describe('the controller of WhatsAppInstance', { skip: whyNoKubernetes() }, () => {
  let operated: OperatedSystem
  let instances: Instances
  before(async () => {
    operated = await startOperatedSystem()
    instances = instancesOf(operated)
  })
  after(() => operated.stop())

  test('writes nothing, here or to the API, while nothing changes', async () => {
    await instances.wantAll(['calm', 'still'], { pace: { perMinute: 5, burst: 1 } })
    await instances.want('quiet', { kind: 'sandbox', paused: true })
    for (const name of ['calm', 'still']) {
      await instances.waitFor(name, 'Ready')
      await operated.system.gateway.setState(name, 'open')
      await instances.waitFor(name, 'Connected')
      await instances.gone('secret', `${name}-pairing`)
    }
    await instances.waitFor('quiet', 'Connected')
    const looks = async () => (await calls())['find done'] ?? 0
    const [versions, before, began] = [await versionsOfAll(), await calls(), await looks()]
    await until('each has been looked at twice', async () => ((await looks()) >= began + 6 ? true : undefined))
    assert.deepEqual(await versionsOfAll(), versions)
    const { 'find done': _finds, 'list done': _lists, ...writes } = await calls()
    const { 'find done': _findsBefore, 'list done': _listsBefore, ...writesBefore } = before
    assert.deepEqual(writes, writesBefore)
  })

  test('tells of an API that is away once it has been for a while, forgets nothing of the phones, and goes on', async () => {
    await operated.system.api().stop()
    await instances.want('calm', { pace: { perMinute: 6, burst: 1 } })
    const away = await instances.statusWhen('calm', (is) => conditionsOf(is)['Reconciling'] === 'True SenderNotReady')
    assert.deepEqual([away.phase, away.connectionState], ['Connected', 'open'])
    assert.equal(conditionsOf(away)['Connected'], 'True Open')
    assert.equal(conditionsOf(await instances.status('still'))['Ready'], 'True Connected', 'a short outage is no news')
    await operated.system.startApi()
    await instances.waitFor('calm', 'Ready')
    assert.equal((await instances.atApi('calm'))?.pace?.perMinute, 6)
  })

  test('waits for a sender that is not there, and lets a resource go without it', async () => {
    await instances.want('lonely', { senderName: 'none', deletionPolicy: 'Delete' })
    await instances.waitFor('lonely', 'Reconciling')
    assert.equal(conditionsOf(await instances.status('lonely'))['Ready'], 'False SenderMissing')
    await instances.remove('lonely')
    await until('it is said', async () => ((await events('lonely')).includes('LeftBehind') ? true : undefined))
  })

  test('leaves a resource alone that is paused by its annotation', async () => {
    const paused = { 'whatsappsender.io/paused': 'true' }
    await instances.want('alone', { kind: 'sandbox', deletionPolicy: 'Delete' }, paused)
    await until('it is said', async () => ((await events('alone')).includes('Paused') ? true : undefined))
    assert.deepEqual(await instances.status('alone'), {})
    assert.equal(await instances.atApi('alone'), undefined)
    await instances.want('alone', { kind: 'sandbox', deletionPolicy: 'Delete' })
    await instances.waitFor('alone', 'Ready')
    await instances.want('alone', { kind: 'sandbox', deletionPolicy: 'Delete' }, paused)
    await instances.remove('alone')
    const left = await until('it is its owner’s', async () => {
      const is = await instances.atApi('alone')
      return is?.managedBy === undefined ? is : undefined
    })
    assert.ok(left, 'it is not deleted')
  })

  test('touches no Secret of somebody else, and says so', async () => {
    await operated.plane.apply([secret(operated.namespace, 'blocked-pairing', { theirs: 'x' })])
    await instances.want('blocked', {})
    await until('it is said', async () => ((await events('blocked')).includes('SecretTaken') ? true : undefined))
    assert.deepEqual(Object.keys(await instances.secretData('blocked-pairing')), ['theirs'])
  })

  test(`brings ${MANY} instances to the API within a bound, and lets them go again`, async (t) => {
    const names = Array.from({ length: MANY }, (_, index) => `many-${index}`)
    const began = performance.now()
    await instances.wantAll(names, { pace: { perMinute: 7, burst: 1 } })
    const applied = performance.now()
    const ready = "jsonpath={.items[?(@.status.phase)].status.conditions[?(@.type=='Ready')].status}"
    await until(
      'all are ready',
      async () => {
        const statuses = await instances.kubectl(['get', 'wai', '--output', ready])
        return statuses.split(' ').filter((status) => status === 'True').length >= MANY ? true : undefined
      },
      { everyMs: 1000, timeoutMs: 300_000 },
    )
    const took = performance.now() - applied
    t.diagnostic(`${MANY} instances: applied in ${seconds(applied - began)}, ready ${seconds(took)} later`)
    assert.ok(took < MANY_MS_MAX * PATIENCE, `${seconds(took)}`)
    await instances.kubectl(['delete', 'wai', '--all', '--timeout=120s'])
    await until(
      'none is kept',
      async () => {
        const { data } = await operated.system.store.instances.listManaged('kubernetes', { limit: 1 })
        return data.length === 0 ? true : undefined
      },
      { timeoutMs: 180_000 },
    )
  })

  async function events(name: string): Promise<string> {
    return await instances.kubectl(['get', 'events', `--field-selector=involvedObject.name=${name}`])
  }

  async function versionsOfAll(): Promise<string> {
    const columns = 'custom-columns=:kind,:metadata.name,:metadata.resourceVersion'
    return await instances.kubectl(['get', 'wai,secrets,events', '--output', columns])
  }

  /** How often the API was asked, by what and how it ended. */
  async function calls(): Promise<Readonly<Record<string, number>>> {
    const text = await (await fetch(`${operated.metricsUrl}/metrics`)).text()
    const lines = text.matchAll(/whatsapp_operator_api_calls_total\{[^}]*call="([\w-]+)",result="(\w+)"[^}]*\} (\d+)/g)
    return Object.fromEntries([...lines].map(([, call, result, count]) => [`${call} ${result}`, Number(count)]))
  }
})

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
