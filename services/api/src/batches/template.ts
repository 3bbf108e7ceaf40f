import { TEXT_LENGTH_MAX } from '@whatsapp-sender/contract'
import { z } from 'zod'
import { withoutProto } from '../messages/metadata.ts'

/** A text with `{{placeholders}}`, taken apart once for all recipients. */
export type Template = Readonly<{
  names: ReadonlySet<string>
  /** Values stand as they are: a placeholder within one is not looked for. */
  render(valueFor: (name: string) => string): string
}>

const PLACEHOLDER = /\{\{ *([A-Za-z]\w{0,63}) *\}\}/

const FAULT = 'every "{{" must begin a placeholder: a letter, then letters, digits or "_", up to 64, then "}}"'

/** Of a text that nobody has rendered yet, so it may be as long as a message at most. */
export const Template = z
  .string()
  .min(1)
  .max(TEXT_LENGTH_MAX)
  .transform((text, ctx): Template => {
    // Literals and names in turn.
    const parts = text.split(PLACEHOLDER)
    // A slip in one placeholder would reach every recipient.
    if (parts.some((part, index) => index % 2 === 0 && part.includes('{{'))) {
      ctx.addIssue(FAULT)
      return z.NEVER
    }
    return {
      names: new Set(parts.filter((_, index) => index % 2 === 1)),
      render: (valueFor) => parts.map((part, index) => (index % 2 === 0 ? part : valueFor(part))).join(''),
    }
  })

export const NOT_IN_TEMPLATE = 'is not in the template'

const VARIABLES_MAX = 50

const Entries = z
  .record(z.string().max(64), z.string().max(TEXT_LENGTH_MAX))
  .refine((variables) => Object.keys(variables).length <= VARIABLES_MAX, `must have at most ${VARIABLES_MAX} entries`)

/** What a recipient's placeholders stand for. */
export const Variables = withoutProto(Entries, NOT_IN_TEMPLATE)
