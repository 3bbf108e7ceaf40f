import { k8s } from '../cdk8s.ts'
import { hashOf } from '../hash-of.ts'
import { labelsOf, metadataOf, type Rendering } from '../rendering.ts'
import { kafkaFiles } from '../secret-files.ts'
import { versionLabelOf } from '../version-label.ts'
import { addServiceAccount, jobPodSpec } from '../workload.ts'
import { kafkaEnvironment } from './service-environment.ts'

/** Makes the topics of a Kafka that is there. A Job cannot be changed: one whose pods would be others is another one. */
export function addTopicsJob(r: Rendering): void {
  const { external } = r.spec.kafka
  if (external === undefined || !external.createTopics) return
  addServiceAccount(r, 'topics')
  const pod = jobPodSpec(r, {
    component: 'topics',
    image: external.topicsImage,
    env: { ...kafkaEnvironment(r, 'topics'), TOPIC_PARTITIONS: String(r.spec.kafka.partitions) },
    secrets: kafkaFiles(r, 'topics'),
    resources: RESOURCES,
    ports: {},
  })
  const labels = { ...labelsOf(r.name, 'topics'), ...versionLabelOf(external.topicsImage) }
  const template = { metadata: { labels }, spec: pod }
  new k8s.KubeJob(r.chart, 'Job-topics', {
    metadata: metadataOf(r, 'topics', `${r.name}-topics-${hashOf(template)}`),
    spec: {
      backoffLimit: 10,
      activeDeadlineSeconds: 600,
      template,
    },
  })
}

const RESOURCES = { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } }
