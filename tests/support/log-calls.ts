import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'

/** A place in the sources that writes a line. */
export type LogCall = Readonly<{
  file: string
  phrase: string
  levels: readonly string[]
  /** Of faults that come again and again only some have their line. */
  isCounted: boolean
}>

const ROOTS = [
  'packages/service-runtime/src',
  'services/api/src',
  'services/canary/src',
  'services/consumer/src',
  'services/operator/src',
]

/** `logger.warn(`, `logger[isFault ? 'error' : 'info'](` and the same of a fault log, up to what is in the brackets. */
const CALL = /\b(logger|faults|failures)(?:\.(\w+)|\[([^\]]+)\])\(/g
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** Every call of a logger with a phrase of its own. */
export async function logCalls(): Promise<LogCall[]> {
  const files = (await Promise.all(ROOTS.map(sourcesIn))).flat()
  const found = await Promise.all(
    files.map(async (file) => callsIn(file, await readFile(join(repositoryRoot, file), 'utf8'))),
  )
  return found.flat()
}

async function sourcesIn(root: string): Promise<string[]> {
  const names = await readdir(join(repositoryRoot, root), { recursive: true })
  return names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).map((name) => join(root, name))
}

function callsIn(file: string, source: string): LogCall[] {
  return [...source.matchAll(CALL)].flatMap((match) => {
    const [text, object, method, computed = ''] = match
    const phrase = phraseAfter(source, match.index + text.length)
    if (phrase === undefined || (method !== undefined && !LEVELS.includes(method))) return []
    const levels = method === undefined ? LEVELS.filter((level) => computed.includes(`'${level}'`)) : [method]
    return [{ file, phrase, levels, isCounted: object !== 'logger' }]
  })
}

/** The first text among the arguments of a call, not within one of them. */
function phraseAfter(source: string, begin: number): string | undefined {
  let depth = 0
  for (let at = begin; at < source.length; at++) {
    const char = source[at] ?? ''
    if ('({['.includes(char)) depth += 1
    else if (')}]'.includes(char)) depth -= 1
    if (depth < 0) return undefined
    if (char !== "'") continue
    const end = source.indexOf("'", at + 1)
    if (depth === 0) return source.slice(at + 1, end)
    at = end
  }
  return undefined
}
