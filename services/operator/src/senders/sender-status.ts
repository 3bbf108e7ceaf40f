import { isDeepStrictEqual } from 'node:util'
import { API_VERSION, type WhatsAppSender, type WhatsAppSenderStatus } from '@whatsapp-sender/infra'
import { z } from 'zod'
import { type Condition, Conditions, type Progress, setConditions, type Verdict, verdictsOf } from '../conditions.ts'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import { countPods } from './judge-children.ts'

/** What of the last status the next one is made from. Anything else in it is dropped. */
const Known = z.object({
  conditions: Conditions,
  inventory: z.array(z.object({ apiVersion: z.string(), kind: z.string(), name: z.string() })).default([]),
  api: z.object({ replicas: z.number(), ready: z.number() }).optional(),
  consumer: z.object({ replicas: z.number(), ready: z.number() }).optional(),
  url: z.string().optional(),
})

export type LastStatus = z.infer<typeof Known>

export function lastStatusOf(resource: KubernetesObject): LastStatus {
  const parsed = Known.safeParse(resource['status'] ?? {})
  return parsed.success ? parsed.data : { conditions: [], inventory: [] }
}

/** What is found of a sender at the end of a reconcile. */
export type Finding = Readonly<{
  progress: Progress
  verdicts?: readonly Verdict[]
  /** What there is of what is wanted. */
  children: readonly KubernetesObject[]
  /** Left out when not all of it could be applied: what there was before stays as it was said to be. */
  sender?: WhatsAppSender
}>

/** The status to write. Times are kept where nothing has changed, so the same finding makes the same status. */
export function nextStatus(
  last: LastStatus,
  { progress, verdicts = [], children, sender }: Finding,
  judged: Readonly<{ generation: number; now: Date }>,
): WhatsAppSenderStatus {
  const conditions: Condition[] = setConditions(last.conditions, [...verdictsOf(progress), ...verdicts], judged)
  const pods = (component: string) =>
    countPods(children.find((o) => o.kind === 'Deployment' && o.metadata.name === `${sender?.name}-${component}`))
  const [api, consumer] = [pods('api') ?? last.api, pods('consumer') ?? last.consumer]
  const url = sender === undefined ? last.url : urlOf(sender)
  return {
    observedGeneration: judged.generation,
    conditions,
    inventory: inventoryOf([...children.map(itemOf), ...(sender === undefined ? last.inventory : [])]),
    ...(api && { api }),
    ...(consumer && { consumer }),
    ...(url !== undefined && { url }),
  }
}

export function isSameStatus(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b)
}

/** The status alone, as it is applied. */
export function statusObject(resource: KubernetesObject, status: WhatsAppSenderStatus): KubernetesObject {
  const { name, namespace } = resource.metadata
  return { apiVersion: API_VERSION, kind: 'WhatsAppSender', metadata: { name, namespace }, status }
}

type Item = Readonly<{ apiVersion: string; kind: string; name: string }>

function itemOf({ apiVersion, kind, metadata }: KubernetesObject): Item {
  return { apiVersion, kind, name: metadata.name }
}

function inventoryOf(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [Object.values(item).join('/'), item])).values()].toSorted(byName)
}

function byName(a: Item, b: Item): number {
  const [one, other] = [`${a.kind}/${a.name}`, `${b.kind}/${b.name}`]
  return one < other ? -1 : Number(one > other)
}

function urlOf({ name, namespace, spec }: WhatsAppSender): string {
  const { ingress, httpRoute } = spec.api
  if (ingress !== undefined) return `${ingress.tlsSecretName === undefined ? 'http' : 'https'}://${ingress.host}`
  if (httpRoute !== undefined) return `https://${httpRoute.host}`
  return `http://${name}-api.${namespace}.svc`
}
