import { Resolver } from 'node:dns/promises'

/** All addresses of a name; none when there is no such name. Rejects when that could not be learned in time. */
export type Resolve = (host: string) => Promise<readonly string[]>

const NO_ANSWER = ['ENODATA', 'ENOTFOUND']

/**
 * Asks the system's name servers, and nothing else: not the threads of the process, which a name server that is slow on
 * purpose could fill, and no search domain, which would make an inner name of an outer one.
 */
export function createResolve({ timeoutMs }: Readonly<{ timeoutMs: number }>): Resolve {
  return async (host) => {
    if (/(^|\.)localhost\.?$/.test(host)) return ['127.0.0.1', '::1']
    const resolver = new Resolver({ timeout: Math.ceil(timeoutMs / 2), tries: 2 })
    const timer = setTimeout(() => resolver.cancel(), timeoutMs)
    try {
      const found = await Promise.all([resolver.resolve4(host).catch(noneOf), resolver.resolve6(host).catch(noneOf)])
      return found.flat()
    } finally {
      clearTimeout(timer)
    }
  }
}

function noneOf(error: NodeJS.ErrnoException): string[] {
  if (NO_ANSWER.includes(error.code ?? '')) return []
  throw error
}
