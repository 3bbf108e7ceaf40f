import { z } from 'zod'
import { FileAddress } from './media-content.ts'
import { Quoting } from './message-reference.ts'
import { ChoiceId, E164, words } from './words.ts'

/** Meta's API. */
const BUTTON_TEXT_MAX = 20

const text = words(BUTTON_TEXT_MAX)

const Button = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('reply'), text, id: ChoiceId }),
  z.strictObject({ type: z.literal('url'), text, url: FileAddress }),
  z.strictObject({ type: z.literal('call'), text, phone: E164 }),
  z.strictObject({ type: z.literal('copy'), text, code: words(100) }),
  z.strictObject({
    type: z.literal('pix'),
    /** Who is paid, as the payer reads it. */
    name: words(100),
    keyType: z.enum(['phone', 'email', 'cpf', 'cnpj', 'random']),
    key: words(100),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be a currency code, such as BRL')
      .default('BRL'),
  }),
])
export type Button = Readonly<z.infer<typeof Button>>

/**
 * The rules of Evolution (2.3.6): up to 3 `reply` buttons, which do not mix with others; a `pix` button stands alone. The
 * title is required here, for Evolution prints "undefined" without one. Lengths are those of Meta's API.
 */
export const ButtonsContent = z.strictObject({
  title: words(60),
  description: words(1024).optional(),
  footer: words(60).optional(),
  thumbnailUrl: FileAddress.optional(),
  buttons: z
    .array(Button)
    .min(1)
    .max(3)
    .refine((buttons) => isAll('reply', buttons) || !isAny('reply', buttons), 'must not mix "reply" with others')
    .refine((buttons) => buttons.length === 1 || !isAny('pix', buttons), 'must have nothing beside a "pix" button'),
  ...Quoting,
})
export type ButtonsContent = Readonly<z.infer<typeof ButtonsContent>>

function isAll(type: Button['type'], buttons: readonly Button[]): boolean {
  return buttons.every((button) => button.type === type)
}

function isAny(type: Button['type'], buttons: readonly Button[]): boolean {
  return buttons.some((button) => button.type === type)
}
