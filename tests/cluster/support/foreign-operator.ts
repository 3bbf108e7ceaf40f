import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { Node } from './node.ts'

const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})
type Manifest = z.infer<typeof Manifest>

/** In the manifests of a release: an image by its name there, with any tag, and the one to take instead. */
export type ImageNames = Readonly<Record<string, string>>

/**
 * Applies the manifests of a release as they are, but for where its images come from, and waits until all that runs is
 * available.
 */
export async function applyRelease(node: Node, text: string, images: ImageNames): Promise<readonly Manifest[]> {
  const objects = manifestsOf(text, images)
  const isDefinition = ({ kind }: Manifest) => kind === 'CustomResourceDefinition'
  const isNamespace = ({ kind }: Manifest) => kind === 'Namespace'
  await node.define(objects.filter(isDefinition))
  await applyAll(node, objects.filter(isNamespace))
  await applyAll(
    node,
    objects.filter((object) => !isDefinition(object) && !isNamespace(object)),
  )
  for (const { kind, metadata } of objects) {
    if (kind !== 'Deployment') continue
    const where = metadata.namespace === undefined ? [] : ['--namespace', metadata.namespace]
    const query = ['wait', `deployment/${metadata.name}`, ...where, '--for=condition=Available', '--timeout=300s']
    await node.kubectl(query, { timeoutMs: 330_000 })
  }
  return objects
}

async function applyAll(node: Node, objects: readonly Manifest[]): Promise<void> {
  if (objects.length > 0) await node.apply(objects)
}

function manifestsOf(text: string, images: ImageNames): readonly Manifest[] {
  let ours = text.replaceAll('imagePullPolicy: Always', 'imagePullPolicy: IfNotPresent')
  for (const [name, image] of Object.entries(images)) {
    ours = ours.replaceAll(new RegExp(`${name.replaceAll('.', '\\.')}:[\\w.-]+`, 'g'), image)
  }
  return parseAllDocuments(ours).flatMap((document) => {
    const content: unknown = document.toJS()
    return content === null ? [] : Manifest.parse(content)
  })
}
