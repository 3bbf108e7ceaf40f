import { parsePhoneNumber } from '@whatsapp-sender/contract'
import type { WhatsAppInstanceSpec } from '@whatsapp-sender/infra'

/** The number that a resource wants, in the form in which the API keeps it. */
export function declaredNumberOf({ number }: Pick<WhatsAppInstanceSpec, 'number'>): string | undefined {
  return number && (parsePhoneNumber(number) ?? number)
}
