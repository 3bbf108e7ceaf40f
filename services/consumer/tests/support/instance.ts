import type { Instance } from '@whatsapp-sender/store'

/** Ana's instance "sales", connected. */
export const SALES: Instance = {
  id: 'sales-1',
  name: 'sales',
  owner: 'ana',
  ownerActive: true,
  channel: 'baileys',
  evolutionToken: 'key',
  webhookSecretHash: '',
  paused: false,
  state: 'open',
  createdAt: new Date(0),
  updatedAt: new Date(0),
  revision: 1,
}
