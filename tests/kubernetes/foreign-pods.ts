import { z } from 'zod'

const SecurityContext = z.looseObject({})
const Template = z.looseObject({ securityContext: SecurityContext })
const Container = z.looseObject({ name: z.string(), securityContext: SecurityContext })
const Kind = z.looseObject({ kind: z.string() })
const Place = z.looseObject({ metadata: z.looseObject({ name: z.string(), namespace: z.string() }) })

const KafkaNodePool = z.looseObject({
  spec: z.looseObject({ template: z.looseObject({ kafkaContainer: Template, initContainer: Template }) }),
})
const Kafka = z.looseObject({
  spec: z.looseObject({
    entityOperator: z.looseObject({
      template: z.looseObject({ topicOperatorContainer: Template, userOperatorContainer: Template }),
    }),
    kafkaExporter: z.looseObject({ template: z.looseObject({ container: Template }) }).optional(),
  }),
})
const MongoDBCommunity = z.looseObject({
  spec: z.looseObject({
    statefulSet: z.looseObject({
      spec: z.looseObject({
        template: z.looseObject({
          spec: z.looseObject({
            securityContext: SecurityContext,
            containers: z.array(Container),
            initContainers: z.array(Container),
          }),
        }),
      }),
    }),
  }),
})

type PodSpec = Readonly<{ containers: readonly object[]; initContainers?: readonly object[]; securityContext?: object }>

/**
 * The pods that Strimzi and MongoDB Controllers for Kubernetes would make of these objects, as far as we say what they are
 * to be: with the containers that those have, and some image.
 */
export function foreignPodsOf(objects: readonly object[]) {
  return objects.flatMap((object) => {
    const { kind } = Kind.parse(object)
    return specsOf(kind, object).map((spec, index) => {
      const { name, namespace } = Place.parse(object).metadata
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `${kind.toLowerCase()}-${name}-${index}`, namespace },
        spec,
      }
    })
  })
}

function specsOf(kind: string, object: object): readonly PodSpec[] {
  if (kind === 'KafkaNodePool') {
    const { kafkaContainer, initContainer } = KafkaNodePool.parse(object).spec.template
    return [
      {
        containers: [container('kafka', kafkaContainer)],
        initContainers: [container('kafka-init', initContainer)],
        // As Strimzi sets it where there are volumes.
        securityContext: { fsGroup: 0 },
      },
    ]
  }
  if (kind === 'Kafka') {
    const { entityOperator, kafkaExporter } = Kafka.parse(object).spec
    const { topicOperatorContainer, userOperatorContainer } = entityOperator.template
    return [
      {
        containers: [
          container('topic-operator', topicOperatorContainer),
          container('user-operator', userOperatorContainer),
        ],
      },
      ...(kafkaExporter === undefined
        ? []
        : [{ containers: [container('exporter', kafkaExporter.template.container)] }]),
    ]
  }
  if (kind !== 'MongoDBCommunity') return []
  const { securityContext, containers, initContainers } =
    MongoDBCommunity.parse(object).spec.statefulSet.spec.template.spec
  const named = (each: z.infer<typeof Container>) => container(each.name, each)
  return [{ securityContext, containers: containers.map(named), initContainers: initContainers.map(named) }]
}

function container(name: string, { securityContext }: z.infer<typeof Template>) {
  return { name, image: 'of-another-operator:1', securityContext }
}
