const MIN_MS = 1_000
const MAX_MS = 15 * 60_000

/**
 * Milliseconds to wait after a `Retry-After` of seconds or an HTTP date, clamped to 1 s … 15 min: a slip of a proxy must
 * neither make us hammer it nor silence an instance for days.
 */
export function retryAfterMs(header: string | undefined, now: number = Date.now()): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d+$/.test(text)) return clamp(Number(text) * 1_000)
  if (!/^[A-Z][a-z]{2},/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : clamp(at - now)
}

function clamp(ms: number): number {
  return Math.min(MAX_MS, Math.max(MIN_MS, ms))
}
