import { crds } from '@whatsapp-sender/infra'
import type { Cluster } from './kubernetes/cluster.ts'
import { KubernetesObject } from './kubernetes/kubernetes-object.ts'

/** Brings the CustomResourceDefinitions to this version: Helm installs them once and never changes them. */
export async function applyDefinitions(cluster: Pick<Cluster, 'apply'>): Promise<void> {
  for (const definition of crds()) await cluster.apply(KubernetesObject.parse(definition), { force: true })
}
