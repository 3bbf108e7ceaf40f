import { z } from 'zod'

/**
 * Control characters, line and paragraph separators (2028, 2029), marks of writing direction (061c, 200e, 200f, 202a to 202e,
 * 2066 to 2069). As ranges: few readers of a schema know Unicode's names for them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it refuses
const NO_CONTROL = /^[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/u // oxlint-disable-line no-control-regex

/** People read it in lists: nothing in it may break the line or turn the text around it. */
export const PlainLine = z.string().trim().min(1).regex(NO_CONTROL, 'must not have control characters')
