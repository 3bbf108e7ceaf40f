import { readFile } from 'node:fs/promises'
import { helpText, readCommandLine } from './command-line.ts'
import { isJsonObject } from './json.ts'
import { createEvolutionSandbox, type EvolutionSandbox } from './sandbox.ts'
import type { SandboxSettings } from './sandbox-env.ts'
import { welcomeText } from './welcome-text.ts'

const command = readCommandLine(process.argv.slice(2), process.env)

if (command.kind === 'help') console.log(helpText())
else if (command.kind === 'version') console.log(await packageVersion())
else if (command.kind === 'faults')
  fail([...command.faults, 'whatsapp-sandbox --help lists what can be set.'].join('\n'))
else await run(command.settings)

async function run(settings: SandboxSettings): Promise<void> {
  const sandbox = createEvolutionSandbox(settings.options)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void end(sandbox))
  try {
    await sandbox.start()
  } catch (error) {
    return fail(startFault(error, settings))
  }
  console.log(welcomeText(sandbox.url, settings))
}

async function packageVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'))
  return isJsonObject(manifest) ? String(manifest['version']) : ''
}

async function end(sandbox: EvolutionSandbox): Promise<void> {
  try {
    await sandbox.stop()
  } catch (error) {
    fail(`The state could not be kept: ${String(error)}`)
  }
  process.exit()
}

function startFault(error: unknown, { options }: SandboxSettings): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return `Port ${options.port} is taken. Another one: --port 8081, or --port 0 for any.`
  if (code === 'EACCES') return `Port ${options.port} or folder ${options.stateDir ?? ''} is not allowed to this user.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${options.host} is no address of this machine.`
  return `The sandbox could not start: ${error instanceof Error ? error.message : String(error)}`
}

function fail(text: string): void {
  console.error(text)
  process.exitCode = 1
}
