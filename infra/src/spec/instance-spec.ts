import { CheckNumber, InstanceName, Pace, RetryPolicy } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { DnsLabel, secretKeyRef } from './values.ts'
import { withRules } from './with-rules.ts'

const PaceSpec = withRules(Pace, [
  {
    rule: '!has(self.gapMs) || self.gapMs.min <= self.gapMs.max',
    message: 'gapMs.max must not be below gapMs.min',
    fieldPath: '.gapMs.max',
  },
  {
    rule: '!has(self.quietHours) || self.quietHours.from != self.quietHours.to',
    message: 'quietHours.to must differ from quietHours.from',
    fieldPath: '.quietHours.to',
  },
])

const RetrySpec = withRules(RetryPolicy, [
  { rule: 'self.baseMs <= self.capMs', message: 'capMs must not be below baseMs', fieldPath: '.capMs' },
])

/** What a custom resource `WhatsAppInstance` says: one WhatsApp number. */
export const WhatsAppInstanceSpec = withRules(
  z.strictObject({
    senderName: DnsLabel.describe('The WhatsAppSender in the same namespace that sends through the number.'),
    instanceName: InstanceName.optional().describe('Name at the API and at Evolution; left out: that of the resource.'),
    kind: z.enum(['whatsapp', 'sandbox']).default('whatsapp').describe('A sandbox instance reaches no phone.'),
    ownerEmail: z
      .string()
      .max(254)
      .regex(/^[^@\s]+@[^@\s]+$/, 'must be an e-mail address')
      .optional()
      .describe('Whose it is: a user who is approved; left out: the operator keeps it, and administrators share it.'),
    number: z
      .string()
      .max(20)
      .regex(/^\+[1-9]\d{6,14}$/, 'must be a number with its country code, such as "+5511999990000"')
      .optional()
      .describe('Its own number: a pairing code is given besides the QR code, and a phone with another is told of.'),
    adopt: z.boolean().default(false).describe('Take over the instance if Evolution API has it already.'),
    replaceWebhook: z.boolean().default(false).describe('Take it over though its events go elsewhere.'),
    evolutionServer: z
      .string()
      .max(64)
      .regex(/^[a-z0-9-]+$/, 'must be the name of an Evolution server')
      .optional()
      .describe('Which Evolution server it is on; left out: the default one.'),
    apiKeySecretRef: secretKeyRef('apiKey')
      .optional()
      .describe('Key of the instance at Evolution API, if it is not ours.'),
    paused: z.boolean().default(false).describe('Nothing is sent; messages wait.'),
    pace: PaceSpec.optional().describe('How fast it sends; left out: the default of the installation.'),
    retry: RetrySpec.optional().describe('How often a message is tried; left out: the default of the installation.'),
    checkNumber: CheckNumber.default('never').describe(
      'Whether WhatsApp is asked for a recipient before a message is sent.',
    ),
    deletionPolicy: z
      .enum(['Retain', 'Logout', 'Delete'])
      .default('Retain')
      .describe('What becomes of the instance when the resource goes.'),
  }),
  [
    {
      rule: "self.kind != 'sandbox' || !self.adopt",
      message: 'a sandbox instance is made, and is nowhere else',
      fieldPath: '.adopt',
    },
    {
      rule: "self.kind != 'sandbox' || !has(self.evolutionServer)",
      message: 'a sandbox instance is on no server',
      fieldPath: '.evolutionServer',
    },
    {
      rule: 'self.senderName == oldSelf.senderName',
      message: 'senderName cannot be changed',
      fieldPath: '.senderName',
    },
    { rule: 'self.kind == oldSelf.kind', message: 'kind cannot be changed', fieldPath: '.kind' },
    {
      rule: 'has(self.instanceName) == has(oldSelf.instanceName) && (!has(self.instanceName) || self.instanceName == oldSelf.instanceName)',
      message: 'instanceName cannot be changed',
      fieldPath: '.instanceName',
    },
  ],
)
/** As it is after defaults. */
export type WhatsAppInstanceSpec = z.infer<typeof WhatsAppInstanceSpec>
