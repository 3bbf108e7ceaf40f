import { type FieldFault, invalidRequest } from '../http/problem.ts'

/** An address that Evolution is to fetch, and where the caller wrote it. */
type NamedAddress = Readonly<{ field: string; url: string }>

/**
 * Refuses addresses of files that must not be asked for, before the message is queued.
 * @throws {ProblemError} 400 naming every faulty one
 */
export function refuseMediaAddresses(content: object): void {
  const errors = faultsOfMediaAddresses(content)
  if (errors.length > 0) throw invalidRequest(errors)
}

export function faultsOfMediaAddresses(content: object): readonly FieldFault[] {
  return addressesIn(content).flatMap(({ field, url }) => {
    const message = faultOf(url)
    return message === undefined ? [] : [{ field, message }]
  })
}

function faultOf(url: string): string | undefined {
  return url.startsWith('https://') ? undefined : 'must begin with https://'
}

/** Wherever a kind may name a file. Links that only the recipient opens are his own affair. */
function addressesIn(content: object): NamedAddress[] {
  return Object.entries(content).flatMap(([name, value]) => {
    if (name === 'media') return urlsOf(value, 'url', name)
    if (name === 'thumbnailUrl' && typeof value === 'string') return [{ field: name, url: value }]
    return name === 'components' ? linksIn(value, name) : []
  })
}

function urlsOf(holder: unknown, name: 'url' | 'link', path: string): NamedAddress[] {
  if (typeof holder !== 'object' || holder === null) return []
  const url: unknown = Reflect.get(holder, name)
  return typeof url === 'string' ? [{ field: `${path}.${name}`, url }] : []
}

function linksIn(value: unknown, path: string): NamedAddress[] {
  if (typeof value !== 'object' || value === null) return []
  const nested = Object.entries(value).flatMap(([name, inner]) => linksIn(inner, `${path}.${name}`))
  return [...urlsOf(value, 'link', path), ...nested]
}
