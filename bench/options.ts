import { parseArgs } from 'node:util'

export type Options = Readonly<{
  /** How long one closed-loop measurement takes. */
  seconds: number | undefined
  rounds: number | undefined
  /** How many there are of what a bench fills the database or a file with. */
  rows: number | undefined
  /** Only these parts of a bench; all without it. */
  only: readonly string[] | undefined
  /** Fewer messages: to see that a bench works, not to read its figures. */
  isQuick: boolean
  /** Where the measured programs leave V8's CPU profiles. It slows them: no figure of such a run counts. */
  profileDir: string | undefined
  /** Servers that are there already. */
  brokers: string | undefined
  mongoUrl: string | undefined
  env: NodeJS.ProcessEnv
}>

export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      rows: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  return {
    seconds: positive('--seconds', values.seconds),
    rounds: positive('--rounds', values.rounds),
    rows: positive('--rows', values.rows),
    only: values.only?.split(','),
    isQuick: values.quick,
    profileDir: values.profile,
    brokers: env['KAFKA_BROKERS'] || undefined,
    mongoUrl: env['MONGO_URL'] || undefined,
    env,
  }
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`${flag} must be a whole number from 1`)
  return Number(text)
}
