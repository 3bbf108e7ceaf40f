import { z } from 'zod'
import { FileAddress } from './media-content.ts'
import { words } from './words.ts'

/** What stands for a gap of the template. The forms are those of Meta's API, which is given them as they are. */
const file = z.strictObject({ link: FileAddress, filename: words(255).optional() })

const Parameter = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: words(1024), parameter_name: words(100).optional() }),
  z.strictObject({ type: z.literal('payload'), payload: words(256) }),
  z.strictObject({ type: z.literal('coupon_code'), coupon_code: words(20) }),
  z.strictObject({
    type: z.literal('currency'),
    currency: z.strictObject({
      fallback_value: words(100),
      code: z.string().regex(/^[A-Z]{3}$/, 'must be a currency code, such as BRL'),
      amount_1000: z.int(),
    }),
  }),
  z.strictObject({ type: z.literal('date_time'), date_time: z.strictObject({ fallback_value: words(100) }) }),
  z.strictObject({ type: z.literal('image'), image: file }),
  z.strictObject({ type: z.literal('video'), video: file }),
  z.strictObject({ type: z.literal('document'), document: file }),
])

const Component = z.strictObject({
  type: z.enum(['header', 'body', 'button']),
  sub_type: z.enum(['quick_reply', 'url', 'copy_code']).optional(),
  /** Of a button, counted from 0. */
  index: z.string().regex(/^\d$/, 'must be a digit, as a text').optional(),
  parameters: z.array(Parameter).min(1).max(20),
})

/** A message that Meta has approved, by its name; Business channel only. Name and language as Meta's API has them. */
export const TemplateContent = z.strictObject({
  name: z.string().regex(/^[a-z0-9_]{1,512}$/, 'must be the name of a template: small letters, digits and "_"'),
  language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2,3})?$/, 'must be a language code, such as pt_BR'),
  components: z.array(Component).min(1).max(12).optional(),
})
export type TemplateContent = Readonly<z.infer<typeof TemplateContent>>
