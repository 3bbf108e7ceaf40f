import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'

/** A row of the tables of docs/logs.md. */
export type ListedLine = Readonly<{
  services: readonly string[]
  phrase: string
  levels: readonly string[]
  isCounted: boolean
  fields: readonly string[]
  meaning: string
}>

const HEADINGS: Readonly<Record<string, readonly string[]>> = {
  'Every process': ['api', 'canary', 'consumer', 'operator'],
  API: ['api'],
  Canary: ['canary'],
  Consumer: ['consumer'],
  Operator: ['operator'],
}

const ROW = /^\| `(?!msg`)([^`]+)` \| ([a-z, ]+?)( \(counted\))? \|(.*?)\| (.+) \|$/gm

export function listedLines(): ListedLine[] {
  const page = readFileSync(join(repositoryRoot, 'docs/logs.md'), 'utf8')
  return page.split(/^### /m).flatMap((section) => {
    const services = HEADINGS[section.slice(0, section.indexOf('\n'))]
    if (services === undefined) return []
    return [...section.matchAll(ROW)].map(([, phrase = '', levels = '', counted, fields = '', meaning = '']) => ({
      services,
      phrase,
      levels: levels.split(', '),
      isCounted: counted !== undefined,
      fields: [...fields.matchAll(/`(\w+)`/g)].map(([, field = '']) => field),
      meaning,
    }))
  })
}
