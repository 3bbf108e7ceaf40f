/** An object as the API server takes it: plain JSON, of one namespace unless it is a CustomResourceDefinition. */
export type KubernetesObject = Readonly<{
  apiVersion: string
  kind: string
  metadata: Readonly<{
    name: string
    namespace?: string
    labels?: Readonly<Record<string, string>>
    annotations?: Readonly<Record<string, string>>
    [key: string]: unknown
  }>
  [key: string]: unknown
}>
