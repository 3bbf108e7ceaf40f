import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'

export type ConfigFault = Readonly<{ variable: string; message: string }>

export type EnvSources = Readonly<{
  /** By variable; what is unset, or cannot be read, is missing. */
  values: Readonly<Record<string, string>>
  faults: readonly ConfigFault[]
  /** Variables that are set, but whose value cannot be told. */
  unreadable: ReadonlySet<string>
}>

/** Of a file that holds a value: more than any secret or list of addresses needs. */
const VALUE_FILE_BYTES_MAX = 65_536

/**
 * What `env` sets of `variables`: itself, or by `NAME_FILE`, the path of a file that holds the value of `NAME`, so that a
 * secret need not stand in the environment. One newline at the end of a file is not part of the value. An empty variable
 * counts as unset; an empty file is a fault, for a secret that got lost must not switch off what it guards.
 */
export function readEnvSources(variables: readonly string[], env: NodeJS.ProcessEnv): EnvSources {
  const values: Record<string, string> = {}
  const faults: ConfigFault[] = []
  const unreadable = new Set<string>()
  for (const variable of variables) {
    const source = sourceOf(variable, env)
    if (typeof source === 'string') values[variable] = source
    if (typeof source !== 'object') continue
    faults.push(source)
    unreadable.add(variable)
  }
  return { values, faults, unreadable }
}

function sourceOf(variable: string, env: NodeJS.ProcessEnv): string | ConfigFault | undefined {
  const fileVariable = `${variable}_FILE`
  const { [variable]: value, [fileVariable]: path } = env
  if (!path) return value || undefined
  if (value) return { variable, message: `must not be set together with ${fileVariable}` }
  const content = readValueFile(path)
  return typeof content === 'string'
    ? content
    : { variable: fileVariable, message: `names ${path}, which ${content.obstacle}` }
}

function readValueFile(path: string): string | Readonly<{ obstacle: string }> {
  try {
    const found = statSync(path)
    if (!found.isFile()) return { obstacle: 'is no file' }
    if (found.size > VALUE_FILE_BYTES_MAX) return { obstacle: `has more than ${VALUE_FILE_BYTES_MAX} bytes` }
    const bytes = readFileSync(path)
    if (!isUtf8(bytes)) return { obstacle: 'is not text in UTF-8' }
    const text = bytes.toString('utf8').replace(/\r?\n$/, '')
    return text === '' ? { obstacle: 'is empty' } : text
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    return { obstacle: `cannot be read${reason}` }
  }
}
