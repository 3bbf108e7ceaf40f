/**
 * Brazilian mobile numbers, as many as wanted, each for one `index`. None ends in a number by which a user of the
 * sandbox chooses a failure: those all have a 0 at the fourth place from the end.
 */
export function recipientAt(index: number): string {
  return `+55119${8000 + Math.floor(index / 9000)}${1000 + (index % 9000)}`
}
