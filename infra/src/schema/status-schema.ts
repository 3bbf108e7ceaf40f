import { z } from 'zod'

const Condition = z.strictObject({
  type: z.string().max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().max(1024),
  message: z.string().max(32_768),
  observedGeneration: z.int().min(0).optional(),
  lastTransitionTime: z.string().meta({ format: 'date-time' }),
})

const Common = {
  observedGeneration: z.int().min(0).optional().describe('The generation that the rest speaks of.'),
  conditions: z
    .array(Condition)
    .max(32)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
    .describe('Ready, Reconciling and Stalled, as kstatus reads them, and what they rest on.'),
}

const InventoryItem = z.strictObject({
  apiVersion: z.string().max(253),
  kind: z.string().max(63),
  name: z.string().max(253),
})

/** What the operator says of a WhatsAppSender. */
export const WhatsAppSenderStatus = z.strictObject({
  ...Common,
  inventory: z.array(InventoryItem).max(500).optional().describe('What was applied, so that what goes is found.'),
  api: z
    .strictObject({ replicas: z.int().min(0), ready: z.int().min(0) })
    .optional()
    .describe('Pods of the API.'),
  consumer: z
    .strictObject({ replicas: z.int().min(0), ready: z.int().min(0) })
    .optional()
    .describe('Consumers.'),
  url: z.string().max(2048).optional().describe('Where clients find the API.'),
})
export type WhatsAppSenderStatus = z.infer<typeof WhatsAppSenderStatus>

/** What the operator says of a WhatsAppInstance. No QR code and no pairing code: whoever reads this could pair. */
export const WhatsAppInstanceStatus = z.strictObject({
  ...Common,
  phase: z.enum(['Pending', 'Pairing', 'Connected', 'Disconnected', 'Paused', 'Failed', 'Deleting']).optional(),
  connectionState: z.enum(['open', 'connecting', 'close']).optional().describe('As Evolution API told last.'),
  instanceName: z.string().max(64).optional().describe('Name at the API.'),
  phoneNumber: z
    .string()
    .max(20)
    .optional()
    .describe('The number of the phone that is connected, as Evolution API tells.'),
  lastSeen: z
    .string()
    .meta({ format: 'date-time' })
    .optional()
    .describe('When it was last seen connected; left out while it is.'),
  pairing: z
    .strictObject({
      secretName: z.string().max(253),
      expiresAt: z.string().meta({ format: 'date-time' }).describe('Until when the code works; another follows.'),
      endsAt: z.string().meta({ format: 'date-time' }).describe('After it no more codes follow.'),
    })
    .optional()
    .describe('Which Secret has the code that connects a phone.'),
  pairingRequest: z
    .string()
    .max(253)
    .optional()
    .describe('Value of the annotation `whatsappsender.io/pair` that was followed last.'),
})
export type WhatsAppInstanceStatus = z.infer<typeof WhatsAppInstanceStatus>
