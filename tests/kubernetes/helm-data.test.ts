import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { crds } from '@whatsapp-sender/infra'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type ControlPlane, startControlPlane, whyNoKubernetes } from '../support/kubernetes.ts'
import { foreignDefinitions } from './foreign-definitions.ts'
import { createRelease, type Release } from './helm-release.ts'

const DATA = 'kafkas,kafkanodepools,kafkatopics,mongodbcommunity'
const ALL = `${DATA},kafkausers,deployments,services,secrets`

suite('a release of the chart with a managed Kafka and MongoDB', { skip: whyNoKubernetes('helm') }, () => {
  let plane: ControlPlane
  let directory: string
  before(async () => {
    plane = await startControlPlane()
    await plane.define([...crds(), ...(await foreignDefinitions())])
    directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-helm-'))
  })
  after(() => rm(directory, { recursive: true }))

  test('leaves both with their topics and keys, for the next of its name', async (t) => {
    const release = await madeAndRemoved(t, 'Retain')
    assert.deepEqual(await left(release), [
      'kafka.kafka.strimzi.io/wa',
      'kafkanodepool.kafka.strimzi.io/wa-broker',
      'kafkanodepool.kafka.strimzi.io/wa-controller',
      'kafkatopic.kafka.strimzi.io/wa-evolution-events',
      'kafkatopic.kafka.strimzi.io/wa-messages',
      'kafkatopic.kafka.strimzi.io/wa-messages.events',
      'mongodbcommunity.mongodbcommunity.mongodb.com/wa-mongodb',
      ...SECRETS,
    ])
    const before = await release.read('Secret', 'wa-keys', 'v1')
    await release.install({})
    const operator = await release.startOperator()
    t.after(operator.stop)
    await until('the API is made again', () => release.read('Deployment', 'wa-api', 'apps/v1'))
    assert.deepEqual((await release.read('Secret', 'wa-keys', 'v1'))?.['data'], before?.['data'])
    await release.helm(['uninstall', 'wa'])
  })

  test('with deletionPolicy Delete takes both with it, and leaves the keys', async (t) => {
    assert.deepEqual(await left(await madeAndRemoved(t, 'Delete')), SECRETS)
  })

  const SECRETS = ['secret/mongo', 'secret/wa-evolution', 'secret/wa-keys', 'secret/wa-mongodb-password']

  async function madeAndRemoved(t: { after(end: () => unknown): void }, deletionPolicy: string): Promise<Release> {
    const release = await createRelease(plane, directory)
    t.after(() => release.cluster.close())
    await release.install({ sender: { deletionPolicy } })
    const operator = await release.startOperator()
    t.after(operator.stop)
    await until('Kafka is asked for', () => release.read('KafkaTopic', 'wa-messages', 'kafka.strimzi.io/v1'))
    await until('the API is made', () => release.read('Deployment', 'wa-api', 'apps/v1'))
    await release.helm(['uninstall', 'wa'])
    await operator.stop()
    return release
  }

  /** Once what was owned is collected: whatever has an owner is still to be. */
  async function left({ namespace }: Release): Promise<readonly string[]> {
    const get = (output: string) => plane.kubectl(['get', ALL, '--namespace', namespace, `--output=${output}`])
    await until('the rest is collected', async () =>
      (await get('jsonpath={.items[*].metadata.ownerReferences[*].uid}')).trim() === '' ? true : undefined,
    )
    return (await get('name')).split('\n').filter(Boolean).sort()
  }
})
