import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { DEFAULT_KEY } from './default-key.ts'
import { readSettings, type SandboxSettings } from './sandbox-env.ts'

export type CommandLine = Readonly<
  | { kind: 'run'; settings: SandboxSettings }
  | { kind: 'help' }
  | { kind: 'version' }
  | { kind: 'faults'; faults: readonly string[] }
>

type Flag = Readonly<{ name: string; variable: string; value?: string; about: string }>

const FLAGS: readonly Flag[] = [
  { name: 'port', variable: 'SANDBOX_PORT', value: 'number', about: 'where to listen (8080); 0 takes a free port' },
  {
    name: 'key',
    variable: 'AUTHENTICATION_API_KEY',
    value: 'text',
    about: `the global key callers send as "apikey" (${DEFAULT_KEY})`,
  },
  { name: 'auto-open', variable: 'SANDBOX_AUTO_OPEN', about: 'new instances connect at once, nobody has to scan' },
  {
    name: 'state',
    variable: 'SANDBOX_STATE_DIR',
    value: 'folder',
    about: 'keep instances and messages there (in memory)',
  },
  {
    name: 'time-scale',
    variable: 'SANDBOX_TIME_SCALE',
    value: 'factor',
    about: "stretches the real server's waits (1); 0.01 makes 60 s of silence 0.6 s",
  },
  { name: 'latency', variable: 'SANDBOX_LATENCY_MS', value: 'ms', about: 'how long each send takes (0)' },
  {
    name: 'latency-jitter',
    variable: 'SANDBOX_LATENCY_JITTER_MS',
    value: 'ms',
    about: 'each latency varies by ± this (0)',
  },
  { name: 'delivered-after', variable: 'SANDBOX_DELIVERED_AFTER_MS', value: 'ms', about: 'two grey ticks (300)' },
  { name: 'read-after', variable: 'SANDBOX_READ_AFTER_MS', value: 'ms', about: 'two blue ticks (900)' },
  { name: 'host', variable: 'HOST', value: 'address', about: 'which address to listen on (127.0.0.1)' },
  {
    name: 'allowed-hosts',
    variable: 'SANDBOX_ALLOWED_HOSTS',
    value: 'names',
    about: 'further names the phone may be opened under, parted by commas',
  },
]

/** A flag wins over its variable. */
export function readCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const flags = readFlags(args)
  if (typeof flags === 'string') return { kind: 'faults', faults: [flags] }
  if (flags.has('help')) return { kind: 'help' }
  if (flags.has('version')) return { kind: 'version' }
  const given: NodeJS.ProcessEnv = {}
  for (const { name, variable } of FLAGS) if (flags.has(name)) given[variable] = flags.get(name)
  const settings = readSettings({ ...env, ...given })
  return 'options' in settings ? { kind: 'run', settings } : { kind: 'faults', faults: settings.map(withFlag) }
}

export function helpText(): string {
  const rows = FLAGS.map(({ name, variable, value, about }) => ({
    usage: `--${name}${value === undefined ? '' : ` <${value}>`}`,
    about,
    variable,
  }))
  const width = Math.max(...rows.map(({ usage }) => usage.length))
  return [
    'whatsapp-sandbox: a stand-in for Evolution API 2.3.6 whose phone is a web page',
    '',
    'Usage: whatsapp-sandbox [flags]',
    '',
    ...rows.flatMap(({ usage, about, variable }) => [
      `  ${usage.padEnd(width)}  ${about}`,
      `  ${' '.repeat(width)}  ${variable}`,
    ]),
    `  ${'--help'.padEnd(width)}  this text`,
    `  ${'--version'.padEnd(width)}  which version this is`,
    '',
    'In capitals: the variable that says the same. Point your program at the address that is printed, send the key',
    'as header "apikey", and open /phone to see what it sent.',
  ].join('\n')
}

/** The complaint as one text when the arguments make no sense. */
function readFlags(args: readonly string[]): ReadonlyMap<string, string> | string {
  const options: ParseArgsOptionsConfig = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
    ...Object.fromEntries(
      FLAGS.map(({ name, value }) => [
        name,
        { type: value === undefined ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
  }
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true })
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function withFlag(fault: string): string {
  const flag = FLAGS.find(({ variable }) => fault.startsWith(`${variable} `))
  return flag === undefined ? fault : `--${flag.name} (${flag.variable})${fault.slice(flag.variable.length)}`
}
