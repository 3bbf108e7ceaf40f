import { InstanceName } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { resources, secretKeyRef } from './values.ts'

export const CanarySpec = z.strictObject({
  instance: InstanceName.describe('The instance that it sends from.'),
  recipient: z
    .string()
    .regex(/^\+[0-9]{7,15}$/, 'must be a number with its country, such as "+5511999991000"')
    .describe('A number of your own.'),
  apiKeySecretRef: secretKeyRef('API_KEY').describe('An API key that may `messages:send` and `messages:read`.'),
  text: z.string().min(1).max(1000).default('Canary').describe('What its messages say, before the time.'),
  intervalSeconds: z.int().min(1).max(86_400).default(10).describe('One message so often.'),
  patienceSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(60)
    .describe('After so long a message is late, and is not sent any more.'),
  until: z
    .enum(['sent', 'delivered', 'read'])
    .default('delivered')
    .describe('How far a message has to come; `read` asks for somebody who reads.'),
  resources: resources({ cpu: '20m', memory: '96Mi', memoryLimit: '256Mi' }),
})
export type CanarySpec = z.infer<typeof CanarySpec>
