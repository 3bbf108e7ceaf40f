import { z } from 'zod'

const Workload = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  spec: z.looseObject({
    template: z.looseObject({
      metadata: z.looseObject({}),
      spec: z.looseObject({ volumes: z.array(z.looseObject({})).default([]) }),
    }),
    volumeClaimTemplates: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) })).default([]),
  }),
})

/** The pods that Deployments, StatefulSets and Jobs among these objects would make, one of each, in their namespaces. */
export function podsOf(objects: readonly object[]) {
  return objects.flatMap((object) => {
    const workload = Workload.safeParse(object)
    if (!workload.success) return []
    const { kind, metadata, spec } = workload.data
    const { metadata: head, spec: pod } = spec.template
    const claimed = spec.volumeClaimTemplates.map(({ metadata: { name } }) => ({
      name,
      persistentVolumeClaim: { claimName: name },
    }))
    const name = `${kind.toLowerCase()}-${metadata.name}`
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...head, name, namespace: metadata.namespace },
      spec: { ...pod, volumes: [...pod.volumes, ...claimed] },
    }
  })
}
