/** Far more than any message has, and far less than a stack holds: what is kept must be writable as JSON again. */
const LEVELS_MAX = 500

export function isTooDeep(body: unknown): boolean {
  let level = [body].filter(isContainer)
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > LEVELS_MAX) return true
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return false
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
