import { k8s } from '../cdk8s.ts'
import { childName, labelsOf, type Rendering } from '../rendering.ts'

export function addSettings(r: Rendering): void {
  new k8s.KubeConfigMap(r.chart, 'ConfigMap-settings', {
    metadata: { name: childName(r.name, 'settings'), namespace: r.namespace, labels: labelsOf(r.name) },
    data: r.spec.settings,
  })
}
