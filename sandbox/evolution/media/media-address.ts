/** What the real server's validator takes for base64: no data-URL prefix, no line breaks. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

/**
 * What the real server's validator takes for a URL: the protocol may be missing, the host must be an address or a name
 * with a dot in it. So `http://localhost/…` is none.
 */
export function isUrl(text: string): boolean {
  if (text.length > LENGTH_MAX || /[\s<>]/.test(text)) return false
  const match = /^(?:(?:https?|ftp):\/\/)?(?:[^@/?#]*@)?(\[[\da-f:.]+\]|[^:/?#[\]]+)(?::\d{1,5})?(?:[/?#]|$)/i.exec(
    text,
  )
  const host = match?.[1]
  if (host === undefined) return false
  return host.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || isName(host)
}

const LENGTH_MAX = 2_083

function isName(host: string): boolean {
  const labels = host.split('.')
  const top = labels.at(-1) ?? ''
  return labels.length > 1 && /^([a-z\u00a1-\uffff]{2,}|xn--[\w-]+)$/i.test(top) && labels.every(isLabel)
}

function isLabel(label: string): boolean {
  return label.length <= 63 && /^[a-z\d\u00a1-\uffff]([a-z\d\u00a1-\uffff_-]*[a-z\d\u00a1-\uffff])?$/i.test(label)
}
