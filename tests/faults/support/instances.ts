/** `count` names for instances. */
export function instancesNamed(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${name}-${n}`)
}
