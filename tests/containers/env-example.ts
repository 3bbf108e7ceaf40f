import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'

export type EnvExample = Readonly<{
  /** Every variable with its default. */
  defaults: Readonly<Record<string, string>>
  /** The variables of the parts whose title begins with one of these. */
  variablesOf(...titles: readonly string[]): readonly string[]
}>

export async function readEnvExample(): Promise<EnvExample> {
  const defaults: Record<string, string> = {}
  const titleOf = new Map<string, string>()
  let title = ''
  for (const line of (await readFile(join(repositoryRoot, '.env.example'), 'utf8')).split('\n')) {
    title = /^# --- (.+?) -+$/.exec(line)?.[1] ?? title
    const [, variable, value] = /^# ([A-Za-z_]+)=(.*)$/.exec(line) ?? []
    if (variable === undefined) continue
    defaults[variable] = value ?? ''
    titleOf.set(variable, title)
  }
  return {
    defaults,
    variablesOf: (...titles) =>
      [...titleOf].flatMap(([variable, of]) => (titles.some((start) => of.startsWith(start)) ? [variable] : [])),
  }
}
