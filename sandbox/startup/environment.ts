import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'

/** The variables of the process and, for what it leaves unset, those of a file that need not exist. */
export async function readEnvironment(file: string, processEnv: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return mergeEnvironments(processEnv, parseEnv(text))
}

/** The first environment that sets a variable wins. An empty value sets nothing and is left out. */
export function mergeEnvironments(...environments: readonly NodeJS.ProcessEnv[]): NodeJS.ProcessEnv {
  const merged: NodeJS.ProcessEnv = {}
  for (const environment of environments) {
    for (const [variable, value] of Object.entries(environment)) {
      if (value) merged[variable] ??= value
    }
  }
  return merged
}
