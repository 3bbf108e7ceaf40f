import type { Request } from 'express'

/** Whether the caller would rather be told where to look than wait (RFC 7240). Any other preference is passed over. */
export function prefersAsync(req: Request): boolean {
  const { prefer } = req.headersDistinct
  return (prefer ?? []).join(',').replaceAll(QUOTED, '').split(',').some(isAsync)
}

/** A value may hold commas. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g

function isAsync(preference: string): boolean {
  return preference.split(';')[0]?.trim().toLowerCase() === 'respond-async'
}
