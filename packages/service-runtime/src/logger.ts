import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type DestinationStream, destination, type LogFn, type Logger, multistream, pino, stdTimeFunctions } from 'pino'
import { censor, describeError, HIDDEN_KEYS, redact } from './log-redaction.ts'

export type { Logger }

/**
 * JSON lines on stdout and, with `logDir` and `logFile`, in that file too. Fields whose names promise a number, a text,
 * a token or a key are hidden, at any depth of a line and at the first level of `child` bindings.
 */
export function createLogger(o: {
  service: string
  level: string
  logDir?: string | undefined
  logFile?: string | undefined
  /** Instead of the process' own stdout. */
  stdout?: DestinationStream
}): Logger {
  const stdout = o.stdout ?? destination({ fd: 1, sync: true })
  return pino(
    {
      level: o.level,
      base: { service: o.service },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redact },
      serializers: { err: describeError },
      hooks: { logMethod: withConstantPhrase },
      // For the bindings of children, which `formatters.log` never sees.
      redact: { paths: [...HIDDEN_KEYS], censor: (value, path) => censor(path.at(-1) ?? '', value) },
    },
    o.logDir && o.logFile ? multistream([...forAllLevels(stdout, openFile(o.logDir, o.logFile))]) : stdout,
  )
}

/** pino would take the phrase of a bare error from its message, which may quote a number. */
function withConstantPhrase(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first] = args
  if (args.length === 1 && first instanceof Error) method.call(this, { err: first }, 'error')
  else method.apply(this, args)
}

function openFile(directory: string, name: string): DestinationStream {
  mkdirSync(directory, { recursive: true })
  return destination({ dest: join(directory, name), append: true, sync: true })
}

/** multistream filters by level once more, from `info` up when not told. */
function forAllLevels(...streams: DestinationStream[]) {
  return streams.map((stream) => ({ level: 'trace' as const, stream }))
}
