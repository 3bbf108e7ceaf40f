import { z } from 'zod'
import { DEFAULT_IMAGES } from './images.ts'
import { DnsLabel, HostName, Image, Labels, resources, SecretName, secretKeyRef } from './values.ts'
import { withRules } from './with-rules.ts'

const Ingress = z.strictObject({
  host: HostName.describe('Where clients find the API.'),
  className: DnsLabel.optional().describe('Ingress class; left out: the default of the cluster.'),
  tlsSecretName: SecretName.optional().describe('Secret with the certificate; left out: no TLS at the ingress.'),
  annotations: z.record(z.string(), z.string().max(4096)).default({}).describe('For the ingress controller.'),
  controllerNamespaceLabels: Labels.default({}).describe(
    'Labels of the namespace that the ingress controller runs in; left out: any namespace may reach the API.',
  ),
})

const HttpRoute = z.strictObject({
  host: HostName.describe('Where clients find the API.'),
  parentRefs: z
    .array(
      z.strictObject({
        name: DnsLabel.describe('Name of the Gateway.'),
        namespace: DnsLabel.optional().describe('Of the Gateway; left out: that of the custom resource.'),
        sectionName: DnsLabel.optional().describe('Its listener.'),
      }),
    )
    .min(1)
    .max(8)
    .describe('The Gateways that carry the route.'),
})

export const ApiSpec = withRules(
  z.strictObject({
    image: Image.default(DEFAULT_IMAGES.api).describe('Image of the API.'),
    replicas: z.int().min(1).max(100).default(2).describe('How many pods accept messages.'),
    resources: resources({ cpu: '200m', memory: '256Mi', memoryLimit: '768Mi' }),
    adminEmail: z
      .string()
      .max(254)
      .regex(/^[^@\s]+@[^@\s]+$/, 'must be an e-mail address')
      .optional()
      .describe(
        'The first administrator, made at start unless there is one; the password is ADMIN_PASSWORD of the keys.',
      ),
    smtpUrlSecretRef: secretKeyRef('SMTP_URL')
      .optional()
      .describe('Mail server, with its login; MAIL_FROM is a setting.'),
    webhookUrl: z
      .string()
      .max(2048)
      .regex(/^https?:\/\/\S+$/, 'must be an http or https URL')
      .optional()
      .describe('Where Evolution API reaches this API; left out: its Service inside the cluster.'),
    ingress: Ingress.optional().describe('An Ingress in front of the API.'),
    httpRoute: HttpRoute.optional().describe('A route of the Gateway API in front of the API.'),
  }),
  [
    {
      rule: '!has(self.ingress) || !has(self.httpRoute)',
      message: 'ingress and httpRoute exclude each other',
      fieldPath: '.httpRoute',
    },
  ],
)
export type ApiSpec = z.infer<typeof ApiSpec>
