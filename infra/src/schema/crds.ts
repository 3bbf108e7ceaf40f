import type { KubernetesObject } from '../kubernetes-object.ts'
import { RELEASE, RELEASE_ANNOTATION } from '../release.ts'
import { GROUP, VERSION } from '../spec/group.ts'
import { WhatsAppInstanceSpec } from '../spec/instance-spec.ts'
import { WhatsAppSenderSpec } from '../spec/sender-spec.ts'
import { RULES_KEY } from '../spec/with-rules.ts'
import { WhatsAppInstanceStatus, WhatsAppSenderStatus } from './status-schema.ts'
import { type Schema, structuralSchema } from './structural-schema.ts'

/** The CustomResourceDefinitions of this version. */
export function crds(): readonly KubernetesObject[] {
  return [
    crd({
      kind: 'WhatsAppSender',
      plural: 'whatsappsenders',
      shortName: 'was',
      description: 'One deployment of WhatsApp Sender: API, consumers, and what they rest on.',
      spec: structuralSchema(WhatsAppSenderSpec),
      status: structuralSchema(WhatsAppSenderStatus),
      nameRule: NAME_RULE,
      columns: [
        column('Ready', condition('Ready')),
        column('Reason', `.status.conditions[?(@.type=="Ready")].reason`),
        column('API', '.status.api.ready', 'integer'),
        column('Consumers', '.status.consumer.ready', 'integer'),
        column('Kafka', '.spec.kafka.mode', 'string', 1),
        column('MongoDB', '.spec.mongodb.mode', 'string', 1),
        column('Evolution', '.spec.evolution.mode', 'string', 1),
        AGE,
      ],
    }),
    crd({
      kind: 'WhatsAppInstance',
      plural: 'whatsappinstances',
      shortName: 'wai',
      description: 'One WhatsApp number: whose it is, how fast it sends, and whether it is connected.',
      spec: structuralSchema(WhatsAppInstanceSpec),
      status: structuralSchema(WhatsAppInstanceStatus),
      nameRule: NAME_RULE,
      columns: [
        column('State', '.status.connectionState'),
        column('Phone', '.status.phoneNumber'),
        column('Paused', '.spec.paused', 'boolean'),
        column('Rate', '.spec.pace.perMinute', 'number'),
        column('Ready', condition('Ready')),
        column('Sender', '.spec.senderName', 'string', 1),
        AGE,
      ],
    }),
  ]
}

type Column = Readonly<{ name: string; jsonPath: string; type: string; priority?: number }>

function column(name: string, jsonPath: string, type = 'string', priority = 0): Column {
  return { name, jsonPath, type, ...(priority > 0 && { priority }) }
}

function condition(type: string): string {
  return `.status.conditions[?(@.type=="${type}")].status`
}

const AGE = column('Age', '.metadata.creationTimestamp', 'date')

/** Names of children are made of it, and have to stay within what a label and a Service allow. */
const NAME_RULE = {
  rule: "self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
  message: 'metadata.name must be at most 40 lower case letters, digits and "-", beginning with a letter',
}

function crd(o: {
  kind: string
  plural: string
  shortName: string
  description: string
  spec: Schema
  status: Schema
  nameRule: Readonly<{ rule: string; message: string }>
  columns: readonly Column[]
}): KubernetesObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${o.plural}.${GROUP}`,
      labels: { 'app.kubernetes.io/name': 'whatsapp-sender', 'app.kubernetes.io/part-of': 'whatsapp-sender' },
      annotations: { [RELEASE_ANNOTATION]: RELEASE },
    },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: o.kind,
        listKind: `${o.kind}List`,
        plural: o.plural,
        singular: o.kind.toLowerCase(),
        shortNames: [o.shortName],
        categories: ['whatsapp'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: o.columns,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: o.description,
              required: ['spec'],
              [RULES_KEY]: [o.nameRule],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: { ...o.spec, description: 'What is wanted.' },
                status: { ...o.status, description: 'What is.' },
              },
            },
          },
        },
      ],
    },
  }
}
