import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultyVariables } from '../../../tests/support/faulty-variables.ts'
import { loadConfig } from './config.ts'

test('the namespace of the pod is watched unless another is named, and keeps the lease', () => {
  assert.equal(loadConfig({ POD_NAMESPACE: 'own' }).watchNamespace, 'own')
  const config = loadConfig({ POD_NAMESPACE: 'own', WATCH_NAMESPACE: 'other' })
  assert.deepEqual([config.watchNamespace, config.lease.namespace], ['other', 'own'])
  assert.equal(loadConfig({ WATCH_NAMESPACE: 'other' }).lease.namespace, 'other')
})

test('without a namespace nothing is watched: all of them is never meant', () => {
  assert.deepEqual(faults({}), ['WATCH_NAMESPACE'])
})

test('what is no name, no number or no yes and no is refused, all of it at once', () => {
  const env = { WATCH_NAMESPACE: 'A_B', RESYNC_SECONDS: '5', LEADER_ELECTION: 'yes', WORKERS: '0' }
  assert.deepEqual(faults(env).sort(), ['LEADER_ELECTION', 'RESYNC_SECONDS', 'WATCH_NAMESPACE', 'WORKERS'])
})

test('one of two processes leads and no definition is written, unless told', () => {
  const { lease, managesCrds, resyncMs } = loadConfig({ POD_NAMESPACE: 'own' })
  assert.deepEqual([lease.isWanted, managesCrds, resyncMs], [true, false, 600_000])
})

function faults(env: NodeJS.ProcessEnv): string[] {
  return faultyVariables(() => loadConfig(env))
}
