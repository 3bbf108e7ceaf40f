/** Where the runbooks are in this repository. */
const RUNBOOKS = 'docs/runbooks'

/**
 * Address of the runbook of an alert.
 *
 * @param runbookUrl where the folder of the runbooks is to be read, without a slash at its end; left out: their path here
 */
export function runbookOf(alert: string, runbookUrl = RUNBOOKS): string {
  return `${runbookUrl}/${alert}.md`
}

/** A text in which runbooks are named by their path here, with their address in place of it. */
export function withRunbooksAt(text: string, runbookUrl: string): string {
  return text.replaceAll(`"${RUNBOOKS}/`, () => `"${runbookUrl}/`)
}
