import type { Logger } from './logger.ts'

type Fields = Readonly<{ err?: unknown } & Record<string, unknown>>

/** `kind` tells faults apart that have the same phrase and errors of one type. */
type Tell = (fields: Fields, phrase: string, kind?: string) => void

/** Faults that may come by the thousand, such as those of a server that is away. */
export type FaultLog = Readonly<{ warn: Tell; error: Tell }>

export type FaultLogOptions = Readonly<{
  /** So many of a kind are written within `everyMs`; the rest is counted. */
  linesMax?: number
  everyMs?: number
}>

/** A kind that is new while so many are known is counted with the others of its phrase. */
const KINDS_MAX = 100

type Kind = { told: number; counted: number; last: Fields }

/**
 * Writes the first faults of a kind and counts the others: for as long as they come, one line a minute says how many
 * there were (`repeated`), with the last of them. At level debug each has its line.
 */
export function createFaultLog(logger: Logger, { linesMax = 1, everyMs = 60_000 }: FaultLogOptions = {}): FaultLog {
  const kinds = new Map<string, Kind>()

  const tellAt =
    (level: 'warn' | 'error'): Tell =>
    (fields, phrase, kind = '') => {
      const own = `${level}\n${phrase}\n${kind}\n${typeOf(fields.err)}`
      const name = kinds.has(own) || kinds.size < KINDS_MAX ? own : phrase
      const known = kinds.get(name) ?? begin(level, phrase, name)
      known.last = fields
      if (known.told < linesMax) {
        known.told += 1
        logger[level](fields, phrase)
        return
      }
      known.counted += 1
      logger.debug(fields, phrase)
    }

  function begin(level: 'warn' | 'error', phrase: string, name: string): Kind {
    const kind: Kind = { told: 0, counted: 0, last: {} }
    kinds.set(name, kind)
    const timer = setInterval(() => {
      if (kind.counted > 0) {
        logger[level]({ ...kind.last, repeated: kind.counted }, phrase)
        kind.counted = 0
        return
      }
      clearInterval(timer)
      kinds.delete(name)
    }, everyMs)
    timer.unref()
    return kind
  }

  return { warn: tellAt('warn'), error: tellAt('error') }
}

function typeOf(err: unknown): string {
  if (!(err instanceof Error)) return typeof err
  return 'code' in err ? `${err.name} ${String(err.code)}` : err.name
}
