import { API_VERSION } from '@whatsapp-sender/infra'
import { z } from 'zod'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { readSecretValue } from '../kubernetes/read-secret-value.ts'
import type { FindApi, Unavailable } from './sender-api.ts'

const Sender = z.looseObject({
  spec: z.looseObject({ keys: z.looseObject({ secretName: z.string().optional() }).optional() }).optional(),
  status: z
    .looseObject({
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string(), reason: z.string() })).default([]),
    })
    .optional(),
})

const TOKEN_KEY = 'OPERATOR_TOKEN'

/** Where the API of a sender of this namespace is, and the token that it knows the operator by. */
export function createFindApi({
  cluster,
  namespace,
  senderName,
  senderOf,
  apiUrlOf,
}: Readonly<{
  cluster: Pick<Cluster, 'read'>
  namespace: string
  senderName: string
  senderOf(name: string): KubernetesObject | undefined
  apiUrlOf(sender: Readonly<{ name: string; namespace: string }>): string
}>): FindApi {
  return async () => {
    const sender = senderOf(senderName)
    if (sender === undefined) return missing(senderName)
    const { keys } = Sender.parse(sender).spec ?? {}
    const name = keys?.secretName ?? `${senderName}-keys`
    const token = await readSecretValue(cluster, { namespace, name, key: TOKEN_KEY })
    if ('fault' in token) {
      return { reason: 'SenderNotReady', message: `WhatsAppSender ${senderName} is not ready: ${token.fault}.` }
    }
    return { baseUrl: apiUrlOf({ name: senderName, namespace }), token: token.value }
  }
}

/** Why an API gives no answer, as far as its sender tells. */
export function whyUnreachable(senderName: string, sender: KubernetesObject | undefined): Unavailable {
  if (sender === undefined) return missing(senderName)
  const ready = conditionsOf(sender).find(({ type }) => type === 'Ready')
  if (ready?.status === 'True') {
    return { reason: 'ApiUnreachable', message: `The API of WhatsAppSender ${senderName} does not answer.` }
  }
  const why = ready?.reason ?? 'NotSeenYet'
  return { reason: 'SenderNotReady', message: `WhatsAppSender ${senderName} is not ready: ${why}.` }
}

/** Changes when something of a sender does that its instances may have waited for. */
export function standOf(sender: KubernetesObject): string {
  const { uid, generation } = sender.metadata
  const conditions = conditionsOf(sender).map(({ type, status }) => `${type}=${status}`)
  return JSON.stringify([uid, generation, conditions])
}

function conditionsOf(sender: KubernetesObject) {
  return Sender.safeParse(sender).data?.status?.conditions ?? []
}

function missing(senderName: string): Unavailable {
  return { reason: 'SenderMissing', message: `There is no WhatsAppSender ${senderName} in this namespace.` }
}

export const SENDER_KIND = { apiVersion: API_VERSION, kind: 'WhatsAppSender' } as const
