/** Kubernetes' own times have no fractions. */
export function timestampOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}
