import { TEXT_LENGTH_MAX } from '@whatsapp-sender/contract'
import { z } from 'zod'

/** U+0000 never reaches WhatsApp, and a text that shows nothing is a mistake of whoever sends it. */
export const MessageText = z
  .string()
  .max(TEXT_LENGTH_MAX)
  .refine((text) => /[^\s\0]/.test(text), 'must not be blank')
