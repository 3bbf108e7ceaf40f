import { type FieldFault, invalidRequest } from '../http/problem.ts'

/** An address that Evolution is to fetch, and where the caller wrote it. */
type NamedAddress = Readonly<{ field: string; url: string }>

/** What is wrong with an address that must not be asked for, in words that stand after the name of its field. */
export type FindAddressFault = (url: string) => Promise<string | undefined>

/** Each may ask the name servers, and no message needs more files. */
const ADDRESSES_MAX = 10

/**
 * Refuses addresses of files that must not be asked for, before the message is queued. What a name leads to then is not
 * known: Evolution asks again when it fetches.
 * @throws {ProblemError} 400 naming every faulty one
 */
export async function refuseMediaAddresses(content: object, findFault: FindAddressFault): Promise<void> {
  const faults = await faultsOfMediaAddresses(content, findFault)
  if (faults.length > 0) throw invalidRequest(faults)
}

export async function faultsOfMediaAddresses(
  content: object,
  findFault: FindAddressFault,
): Promise<readonly FieldFault[]> {
  const addresses = addressesIn(content)
  if (addresses.length > ADDRESSES_MAX) return [TOO_MANY]
  const faults = addresses.map(async ({ field, url }): Promise<FieldFault[]> => {
    const message = await findFault(url)
    return message === undefined ? [] : [{ field, message }]
  })
  return (await Promise.all(faults)).flat()
}

const HOSTS_MAX = 50

/** For the many messages of one call: each host is looked at once, and there may be 50. */
export function oncePerHost(findFault: FindAddressFault): FindAddressFault {
  const asked = new Map<string, Promise<string | undefined>>()
  return async (url) => {
    const host = URL.parse(url)?.origin ?? url
    if (!asked.has(host) && asked.size >= HOSTS_MAX)
      return `must be on one of the first ${HOSTS_MAX} hosts of the batch`
    const fault = asked.get(host) ?? findFault(url)
    asked.set(host, fault)
    return await fault
  }
}

const TOO_MANY = { field: 'components', message: `must not name more than ${ADDRESSES_MAX} files` }

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
