import { parseArgs } from 'node:util'
import { allOrNone, deepFreeze, envUrl, parseEnv } from '@whatsapp-sender/service-runtime'
import { z } from 'zod'

const USAGE = `Usage: npm run top [-- OPTIONS]
  how the installation does, in this terminal; q ends it

  --once                show it once and end; so it is where the output is no terminal
  --json                the same as the API says it
  --interval SECONDS    ask so often (2)

Whom it asks: API_URL, and an administrator by API_EMAIL and API_PASSWORD; else the npm start that runs here.`

const schema = z.object({
  ...allOrNone({ API_URL: envUrl, API_EMAIL: z.email(), API_PASSWORD: z.string() }),
  /** Any value but none: without colours, as other programs have it too. */
  NO_COLOR: z.string().optional(),
})

const Ready = z.object({ api: z.url(), admin: z.object({ email: z.string(), password: z.string() }) })

export type TopConfig = ReturnType<typeof loadConfig>

/**
 * @param readReadyFile the content of what a running `npm start` wrote; undefined: it does not run
 * @throws ConfigError when there is nobody to ask, or the arguments cannot be used
 */
export function loadConfig(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { readReadyFile, isTerminal }: Readonly<{ readReadyFile(): string | undefined; isTerminal: boolean }>,
) {
  const { json, once, everyMs } = parsedArguments(args)
  const values = parseEnv(schema, env)
  const given =
    values.API_URL !== undefined && values.API_EMAIL !== undefined && values.API_PASSWORD !== undefined
      ? { baseUrl: values.API_URL, email: values.API_EMAIL, password: values.API_PASSWORD }
      : undefined
  return deepFreeze({
    ...(given ?? running(readReadyFile())),
    output: json ? ('json' as const) : once || !isTerminal ? ('once' as const) : ('live' as const),
    everyMs,
    hasColors: isTerminal && values.NO_COLOR === undefined,
  })
}

function parsedArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        interval: { type: 'string', default: '2' },
      },
    })
    const seconds = Number(values.interval)
    if (!(seconds >= 1 && seconds <= 3600)) throw new Error('--interval is a number from 1 to 3600')
    return { once: values.once, json: values.json, everyMs: seconds * 1000 }
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  }
}

function running(readyFile: string | undefined) {
  if (readyFile === undefined) {
    throw new UsageError(
      `There is nobody to ask: npm start does not run here, and API_URL, API_EMAIL and API_PASSWORD are not set.\n\n${USAGE}`,
    )
  }
  const { api: baseUrl, admin } = Ready.parse(JSON.parse(readyFile))
  return { baseUrl, ...admin }
}

/** What was asked for cannot be done; the message is for whoever typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'usage'
}
