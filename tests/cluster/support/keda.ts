import { join } from 'node:path'
import { binaryPath } from '../../support/kubernetes.ts'
import { makeProgramImage } from '../images/program-image.ts'
import { applyRelease } from './foreign-operator.ts'
import type { Node } from './node.ts'

const PROGRAMS = [
  { program: 'keda-operator', place: 'keda', release: 'ghcr.io/kedacore/keda' },
  { program: 'keda-adapter', place: 'keda-adapter', release: 'ghcr.io/kedacore/keda-metrics-apiserver' },
  {
    program: 'keda-admission-webhooks',
    place: 'keda-admission-webhooks',
    release: 'ghcr.io/kedacore/keda-admission-webhooks',
  },
] as const
const TAG = 'built'
const METRICS_API = 'apiservice/v1beta1.external.metrics.k8s.io'

/** KEDA as its release installs it, of programs that were built here. */
export async function installKeda(node: Node, folder: string): Promise<void> {
  const images = PROGRAMS.map(({ place }) => `localhost/${place}:${TAG}`)
  const archives = PROGRAMS.map(({ program, place }, at) =>
    makeProgramImage({ image: images[at] ?? '', program: binaryPath(program) ?? '', place, folder }),
  )
  await node.addImages(await Promise.all(archives))
  const release = join(binaryPath('keda-manifests') ?? '', 'default')
  const names = Object.fromEntries(PROGRAMS.map(({ release: image }, at) => [image, images[at] ?? '']))
  await applyRelease(node, await node.kubectl(['kustomize', release]), names)
  await node.kubectl(['wait', METRICS_API, '--for=condition=Available', '--timeout=120s'])
}
