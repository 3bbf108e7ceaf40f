import { TEXT_LENGTH_MAX } from '@whatsapp-sender/contract'
import { z } from 'zod'

/** U+0000 never reaches WhatsApp, so a text of nothing else is empty. */
export const MessageText = z
  .string()
  .min(1)
  .max(TEXT_LENGTH_MAX)
  .refine((text) => text.charCodeAt(0) !== 0 || text.replaceAll('\0', '') !== '', 'must not be empty')
