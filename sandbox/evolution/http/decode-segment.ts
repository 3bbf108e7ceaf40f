/** A path segment as it was meant, or undefined when its percent signs mean nothing. */
export function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
