/** How a message ended that waited and was not sent any more, and the code of the reason. */
export type EndedUnsent = Readonly<{ status: 'failed' | 'expired' | 'unknown'; code: string }>

/** @param mayHaveLeft an attempt may have sent it: `expired` would tell that nothing was sent */
export function expiryOf(mayHaveLeft: boolean): EndedUnsent {
  return mayHaveLeft ? { status: 'unknown', code: 'expired-after-ambiguous' } : { status: 'expired', code: 'expired' }
}
