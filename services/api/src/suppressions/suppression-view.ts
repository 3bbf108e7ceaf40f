import type { Suppression } from '@whatsapp-sender/store'

export function suppressionView({ number, reason, source, at }: Suppression) {
  return { number, ...(reason !== undefined && { reason }), source, at }
}
