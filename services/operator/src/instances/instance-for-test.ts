import { WhatsAppInstanceSpec } from '@whatsapp-sender/infra'
import { type InstanceResource, parseInstance } from './instance-resource.ts'
import type { InstanceView } from './plan-instance.ts'

export const NOW = new Date('2026-01-01T12:00:00Z')

/** A WhatsAppInstance called `support`, of the sender `wa`. */
export function resourceFor(spec: object = {}, metadata: object = {}): InstanceResource {
  const parsed = parseInstance('ns/support', {
    apiVersion: 'whatsappsender.io/v1alpha1',
    kind: 'WhatsAppInstance',
    metadata: { name: 'support', namespace: 'ns', uid: 'uid-1', generation: 3, ...metadata },
    spec: WhatsAppInstanceSpec.parse({ senderName: 'wa', ...spec }),
  })
  if ('fault' in parsed) throw new Error(parsed.fault)
  return parsed
}

/** What an API says of it, as it is right after it was made by the operator. */
export function viewFor(changes: Partial<InstanceView> = {}): InstanceView {
  const defaults = { pace: { perMinute: 20, burst: 3 }, retry: { attemptsMax: 5, baseMs: 2000, capMs: 300_000 } }
  return {
    name: 'support',
    owner: 'kubernetes',
    kind: 'whatsapp',
    channel: 'baileys',
    evolutionServer: 'default',
    state: 'close',
    ...defaults,
    checkNumber: 'never',
    paused: false,
    managedBy: 'kubernetes',
    ownSettings: { pace: null, retry: null, evolutionKeyDigest: 'none' },
    createdAt: '2026-01-01T00:00:00Z',
    ...changes,
  }
}
