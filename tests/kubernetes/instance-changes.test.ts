import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { whyNoKubernetes } from '../support/kubernetes.ts'
import { conditionsOf, type Instances, instancesOf } from './support/instances.ts'
import { type OperatedSystem, secret, startOperatedSystem } from './support/operated-system.ts'

const NUMBER = '+5511999990000'
const OTHER = '+5511999990001'
/** Secrets are asked for every 10 s; the rest is for a machine that does something else, too. */
const SOON_MS = 30_000

/** Nothing is looked at here without a cause, so each of these has one. */
describe('a WhatsAppInstance that is not looked at again for long', { skip: whyNoKubernetes() }, () => {
  let operated: OperatedSystem
  let instances: Instances
  before(async () => {
    operated = await startOperatedSystem({ operatorEnv: { RESYNC_SECONDS: '3600' } })
    instances = instancesOf(operated)
  })
  after(() => operated.stop())

  test('tells the number of its phone though none is declared', async () => {
    await instances.want('unnumbered', {})
    await instances.waitFor('unnumbered', 'Ready')
    await operated.system.gateway.setState('unnumbered', 'open')
    const status = await instances.statusWhen('unnumbered', ({ phoneNumber }) => phoneNumber !== undefined)
    assert.match(status.phoneNumber ?? '', /^\+55119\d{8}$/)
    assert.equal(conditionsOf(status)['NumberAsDeclared'], 'True NotDeclared')
  })

  test('says that its phone has another number than is declared, and has the declared one for the next pairing', async () => {
    await instances.want('numbered', { number: NUMBER })
    await instances.waitFor('numbered', 'Ready')
    await operated.system.gateway.setState('numbered', 'open')
    await instances.statusWhen('numbered', (is) => conditionsOf(is)['NumberAsDeclared'] === 'True SameNumber')
    await instances.want('numbered', { number: OTHER })
    const other = await instances.statusWhen(
      'numbered',
      (is) => conditionsOf(is)['NumberAsDeclared'] === 'False OtherNumber',
    )
    assert.deepEqual([other.phoneNumber, conditionsOf(other)['Ready']], [NUMBER, 'True Connected'])
    assert.equal((await instances.atApi('numbered'))?.number, OTHER)
    await until('it is said', async () => ((await events('numbered')).includes('OtherNumber') ? true : undefined))
    await instances.want('numbered', { number: NUMBER })
    await instances.statusWhen('numbered', (is) => conditionsOf(is)['NumberAsDeclared'] === 'True SameNumber')
  })

  test('has a key that comes, or is changed, within seconds', async () => {
    await instances.want('keyed', { apiKeySecretRef: { name: 'keyed-key' } })
    await instances.waitFor('keyed', 'Stalled')
    assert.equal(conditionsOf(await instances.status('keyed'))['Stalled'], 'True SecretMissing')
    for (const key of ['first-key', 'second-key']) {
      await operated.plane.apply([secret(operated.namespace, 'keyed-key', { apiKey: key })])
      await until(
        'the API has it',
        async () => ((await instances.atApi('keyed'))?.evolutionToken === key ? true : undefined),
        { timeoutMs: SOON_MS },
      )
    }
    await instances.remove('keyed')
  })

  test('is not written again by a process that is new, and neither is anything else', async () => {
    await instances.want('sandboxed', { kind: 'sandbox', paused: true })
    await instances.waitFor('sandboxed', 'Connected')
    const before = await atRest()
    await operated.restartOperator()
    const names = ['unnumbered', 'numbered', 'sandboxed']
    await until('all was looked at', async () => {
      const [looks, applies] = [await count('reconciles', 'controller="instance"'), await count('applies')]
      return looks >= names.length && applies >= 10 ? true : undefined
    })
    assert.deepEqual(await atRest(), before)
  })

  async function events(name: string): Promise<string> {
    return await instances.kubectl(['get', 'events', `--field-selector=involvedObject.name=${name}`])
  }

  /** The versions of all that the operator makes and keeps, once two looks at them are the same. */
  async function atRest(): Promise<string> {
    let last = ''
    return await until(
      'nothing moves',
      async () => {
        const now = await versions()
        const isSame = now === last
        last = now
        return isSame ? now : undefined
      },
      { everyMs: 2000 },
    )
  }

  async function versions(): Promise<string> {
    const kinds = 'wai,was,deployments,services,serviceaccounts,configmaps,secrets,networkpolicies,poddisruptionbudgets'
    const columns = 'custom-columns=:kind,:metadata.name,:metadata.resourceVersion'
    return await instances.kubectl(['get', kinds, '--output', columns])
  }

  /** Of all labels that have these. */
  async function count(name: string, labels = ''): Promise<number> {
    const text = await (await fetch(`${operated.metricsUrl}/metrics`)).text()
    const found = [...text.matchAll(/^whatsapp_operator_(\w+)_total\{([^}]*)\} (\d+)$/gm)]
    return found.reduce(
      (sum, [, is, has = '', value]) => (is === name && has.includes(labels) ? sum + Number(value) : sum),
      0,
    )
  }
})
