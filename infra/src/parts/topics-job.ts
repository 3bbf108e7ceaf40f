import { k8s } from '../cdk8s.ts'
import { hashOf } from '../hash-of.ts'
import { labelsOf, metadataOf, type Rendering } from '../rendering.ts'
import { kafkaFiles } from '../secret-files.ts'
import { addServiceAccount, jobPodSpec } from '../workload.ts'
import { kafkaEnvironment } from './service-environment.ts'

/** Makes the topics of a Kafka that is there. A Job cannot be changed: with other settings it is another one. */
export function addTopicsJob(r: Rendering): void {
  const { external } = r.spec.kafka
  if (external === undefined || !external.createTopics) return
  addServiceAccount(r, 'topics')
  const { bootstrapServers, sasl, topicsImage } = external
  const { prefix, partitions } = r.spec.kafka
  const pod = jobPodSpec(r, {
    component: 'topics',
    image: topicsImage,
    env: { ...kafkaEnvironment(r, 'topics'), TOPIC_PARTITIONS: String(partitions) },
    secrets: kafkaFiles(r, 'topics'),
    resources: RESOURCES,
    ports: {},
  })
  const hash = hashOf({ bootstrapServers, sasl, topicsImage, prefix, partitions })
  new k8s.KubeJob(r.chart, 'Job-topics', {
    metadata: metadataOf(r, 'topics', `${r.name}-topics-${hash}`),
    spec: {
      backoffLimit: 10,
      activeDeadlineSeconds: 600,
      template: { metadata: { labels: labelsOf(r.name, 'topics') }, spec: pod },
    },
  })
}

const RESOURCES = { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } }
