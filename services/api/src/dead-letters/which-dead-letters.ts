/** A body that names nothing is more likely a slip than a wish to touch everything. */
export function isChosen({ cursor: _cursor, ...which }: Readonly<Record<string, unknown>>): boolean {
  return Object.values(which).some((value) => value !== undefined)
}

export const NOT_CHOSEN = 'must name which dead letters, or say "all": true'
