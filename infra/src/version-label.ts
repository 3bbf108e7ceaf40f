/** What a label can say of an image: its tag, or the beginning of its digest. */
export function versionLabelOf(image: string): Record<string, string> {
  const [name = '', digest = ''] = image.slice(image.lastIndexOf('/') + 1).split('@sha256:')
  const tag = name.split(':')[1] ?? digest.slice(0, DIGEST_LENGTH)
  const version = tag.slice(0, LABEL_LENGTH_MAX).replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
  return version === '' ? {} : { 'app.kubernetes.io/version': version }
}

const DIGEST_LENGTH = 12
const LABEL_LENGTH_MAX = 63
