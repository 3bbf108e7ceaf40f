export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9'
export type Violation = Readonly<{ invariant: Invariant; what: string }>

const NAMED = 5

/** Nothing when `who` is empty. */
export function violation(invariant: Invariant, what: string, who: readonly string[]): Violation[] {
  return who.length === 0 ? [] : [{ invariant, what: `${who.length}: ${some(who)} ${what}` }]
}

export function some(who: readonly string[]): string {
  return who.slice(0, NAMED).join(', ') + (who.length > NAMED ? ', …' : '')
}
