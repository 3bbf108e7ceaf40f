import { parseArgs } from 'node:util'

export class PanelsOptionsError extends Error {
  override readonly name = 'PanelsOptionsError'
}

/** For how long there is load, in seconds. @throws {PanelsOptionsError} */
export function parsePanelsOptions(args: readonly string[]): Readonly<{ seconds: number }> {
  const seconds = Number(secondsOf(args))
  if (Number.isInteger(seconds) && seconds >= 60 && seconds <= 3600) return { seconds }
  throw new PanelsOptionsError(USAGE)
}

const USAGE = 'npm run test:panels -- [--seconds <60 to 3600>]'

function secondsOf(args: readonly string[]): string {
  try {
    return parseArgs({ args: [...args], options: { seconds: { type: 'string', default: '300' } } }).values.seconds
  } catch (cause) {
    throw new PanelsOptionsError(USAGE, { cause })
  }
}
