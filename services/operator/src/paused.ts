import type { KubernetesObject } from './kubernetes/kubernetes-object.ts'

const PAUSED_ANNOTATION = 'whatsappsender.io/paused'

/** Left alone by its own wish: nothing is applied, removed or said of it. */
export function isPaused({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.[PAUSED_ANNOTATION] === 'true'
}
