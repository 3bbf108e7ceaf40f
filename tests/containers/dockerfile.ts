import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'

export type Instruction = Readonly<{ name: string; text: string }>
export type Stage = Readonly<{ base: string; instructions: readonly Instruction[] }>

/** The stages of the Dockerfile by name. */
export async function readDockerfile(): Promise<ReadonlyMap<string, Stage>> {
  const text = await readFile(join(repositoryRoot, 'Dockerfile'), 'utf8')
  const stages = new Map<string, { base: string; instructions: Instruction[] }>()
  let current: Instruction[] = []
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const [, name, rest] = /^([A-Z]+) +(.*)$/.exec(line) ?? []
    if (name === undefined || rest === undefined) continue
    const [, base, stage] = /^(\S+) AS (\S+)$/.exec(rest) ?? []
    if (name === 'FROM' && base !== undefined && stage !== undefined) {
      current = []
      stages.set(stage, { base, instructions: current })
    } else {
      current.push({ name, text: rest })
    }
  }
  return stages
}

/** The instructions of a stage after those of the stages below it. */
export function instructionsOf(stages: ReadonlyMap<string, Stage>, stage: string): readonly Instruction[] {
  const found = stages.get(stage)
  return found === undefined ? [] : [...instructionsOf(stages, found.base), ...found.instructions]
}

/** The last argument of an instruction in its JSON form, such as ENTRYPOINT. */
export function wordsOf(instructions: readonly Instruction[], name: string): readonly string[] {
  const words: readonly string[] = JSON.parse(instructions.findLast((one) => one.name === name)?.text ?? '[]')
  return words
}

/** Files and folders of the repository that a stage copies. */
export function copiedBy(instructions: readonly Instruction[]): readonly string[] {
  return instructions
    .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
    .flatMap(({ text }) => text.split(/ +/).slice(0, -1))
}
