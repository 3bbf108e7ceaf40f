import { type DestinationStream, destination, type LogFn, type Logger, multistream, pino, stdTimeFunctions } from 'pino'
import { describeError } from './describe-error.ts'
import { openLogFile } from './log-file.ts'
import { createLogHash } from './log-hash.ts'
import { censor, createRedact, HIDDEN_KEYS } from './log-redaction.ts'

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
  /** Keys the hashes that stand beside masked numbers and addresses; without it there are none. */
  secretKey?: string | undefined
  /** Instead of the process' own stdout. */
  stdout?: DestinationStream
}): Logger {
  const stdout = o.stdout ?? openStdout()
  const hash = o.secretKey === undefined ? undefined : createLogHash(o.secretKey)
  const logger: Logger = pino(
    {
      level: o.level,
      base: { service: o.service },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: createRedact(hash) },
      serializers: { err: describeError },
      hooks: { logMethod: withConstantPhrase },
      // For the bindings of children, which `formatters.log` never sees.
      redact: { paths: [...HIDDEN_KEYS], censor: (value, path) => censor(path.at(-1) ?? '', value) },
    },
    o.logDir && o.logFile ? multistream([...forAllLevels(stdout, fileOf(o.logDir, o.logFile))]) : stdout,
  )
  return logger

  function fileOf(directory: string, name: string): DestinationStream {
    return openLogFile({
      directory,
      name,
      onFailed: (err) => logger.error({ err }, 'the log file cannot be written; lines go to stdout only'),
      onRecovered: (lost) => logger.warn({ lost }, 'the log file is written again'),
    })
  }
}

/** Lines that wait while stdout takes none. */
const WAITING_BYTES_MAX = 1024 * 1024

/** Where stdout is a file on a disk that is full, lines are dropped: that must not end a process that sends. */
function openStdout(): DestinationStream {
  const stdout = destination({ fd: 1, sync: true, maxLength: WAITING_BYTES_MAX })
  stdout.on('error', () => {})
  return stdout
}

/** pino would take the phrase of a bare error from its message, which may quote a number. */
function withConstantPhrase(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first] = args
  if (args.length === 1 && first instanceof Error) method.call(this, { err: first }, 'error')
  else method.apply(this, args)
}

/** multistream filters by level once more, from `info` up when not told. */
function forAllLevels(...streams: DestinationStream[]) {
  return streams.map((stream) => ({ level: 'trace' as const, stream }))
}
