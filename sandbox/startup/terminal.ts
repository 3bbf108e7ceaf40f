import { stripVTControlCharacters } from 'node:util'
import pc from 'picocolors'

export type Step = Readonly<{
  /** A remark on the line of this step, such as that it takes longer this time. */
  note(text: string): void
}>

export type Terminal = Readonly<{
  print(text: string): void
  /** Shows what is being done and, at its end, what came of it and how long it took. */
  step<T>(name: string, work: (step: Step) => Promise<T>, resultOf: (value: T) => string): Promise<T>
}>

const NAME_WIDTH = 20
const RESULT_WIDTH = 34

export function createTerminal(out: NodeJS.WritableStream): Terminal {
  let lineIsOpen = false
  let hasNote = false
  const print = (text: string): void => {
    out.write(`${lineIsOpen ? '\n' : ''}${text}\n`)
    lineIsOpen = false
  }
  return {
    print,
    async step(name, work, resultOf) {
      out.write(`  ${pc.bold(name.padEnd(NAME_WIDTH))}`)
      lineIsOpen = true
      hasNote = false
      const startedAt = performance.now()
      const value = await work({
        note(text) {
          out.write(pc.dim(`${text} `))
          lineIsOpen = true
          hasNote = true
        },
      })
      // Remarks have a line to themselves, so that results stand below one another.
      if (hasNote && lineIsOpen) out.write(`\n${' '.repeat(NAME_WIDTH + 2)}`)
      // A mishap of another part may have broken the line.
      if (!lineIsOpen) out.write(`  ${pc.bold(name.padEnd(NAME_WIDTH))}`)
      lineIsOpen = false
      out.write(
        `${pad(pc.cyan(resultOf(value)), RESULT_WIDTH)} ${pc.green('ready')} ${pc.dim(secondsSince(startedAt))}\n`,
      )
      return value
    },
  }
}

export function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length))
}
