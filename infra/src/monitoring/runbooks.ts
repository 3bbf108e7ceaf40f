/** Where the runbook of an alert is in this repository. */
export function runbookPage(alert: string): string {
  return `docs/runbooks/${alert}.md`
}

/** Its address. @param runbookUrl where the folder of the runbooks is to be read, without a slash at its end */
export function runbookUrlOf(alert: string, runbookUrl: string): string {
  return `${runbookUrl}/${alert}.md`
}

/** How a description names a runbook. */
export function runbookMention(alert: string): string {
  return `Runbook: ${alert}`
}

const MENTION = /Runbook: (WhatsApp\w+)/g

/** A text, also one of JSON, in which runbooks are named, with links to them. */
export function withRunbooksAt(text: string, runbookUrl: string): string {
  return text.replaceAll(MENTION, (mention, alert: string) => `[${mention}](${runbookUrlOf(alert, runbookUrl)})`)
}
