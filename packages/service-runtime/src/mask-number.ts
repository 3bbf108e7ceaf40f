import { digitsOf } from './log-hash.ts'

/** `…1000`: enough to recognise a recipient, not enough to call him. */
export function maskNumber(number: string): string {
  const digits = digitsOf(number)
  return digits.length < 8 ? '…' : `…${digits.slice(-4)}`
}
