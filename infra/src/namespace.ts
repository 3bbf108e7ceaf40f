import type { KubernetesObject } from './kubernetes-object.ts'

/** A namespace that admits no pod which could harm its node. */
export function restrictedNamespace(name: string): KubernetesObject {
  const level = (mode: string) => [`pod-security.kubernetes.io/${mode}`, 'restricted'] as const
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: Object.fromEntries(['enforce', 'audit', 'warn'].map(level)) },
  }
}
