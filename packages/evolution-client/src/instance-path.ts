/**
 * A route's path for an instance, the name encoded; `undefined` for a name that a server or proxy could read as another
 * path: dot segments, slashes (proxies decode `%2F`), control characters, broken surrogates.
 */
export function instancePath(route: string, instance: string): string | undefined {
  if (instance === '' || instance === '.' || instance === '..') return undefined
  if (UNSAFE.test(instance) || !instance.isWellFormed()) return undefined
  return `${route}/${encodeURIComponent(instance)}`
}

const UNSAFE = /[/\\\p{Cc}]/u
