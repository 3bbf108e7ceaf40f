import type { ReceiptStatus } from '@whatsapp-sender/contract'
import type { Receipt } from '@whatsapp-sender/store'

/** The words before `DELIVERY_ACK` say nothing that `sent` does not, and a later deletion does not undo a delivery. */
export function receiptStatusOf(word: ReceiptStatus): Receipt['status'] | undefined {
  switch (word) {
    case 'PENDING':
    case 'SERVER_ACK':
    case 'DELETED':
      return undefined
    case 'DELIVERY_ACK':
    case 'READ':
    case 'PLAYED':
    case 'ERROR':
      return word
  }
}
