import { isMap, isScalar, type Node, type Pair, parseDocument, stringify } from 'yaml'

type Row = Readonly<{ path: string; fallback: string; meaning: string }>

/**
 * A table of every value that has a comment, from those comments. What a user hands on as it is, such as `sender`, is one
 * row.
 */
export function valuesTable(yaml: string): string {
  const { contents } = parseDocument(yaml)
  const lines = rowsOf(contents, '').map(
    ({ path, fallback, meaning }) => `| \`${path}\` | ${fallback} | ${meaning.replaceAll('|', '\\|')} |`,
  )
  return ['| value | default | |', '| --- | --- | --- |', ...lines].join('\n')
}

function rowsOf(node: unknown, parent: string, inherited = ''): readonly Row[] {
  if (!isMap(node)) return []
  return node.items.flatMap((pair, index) => {
    // The parser gives what stands before the first entry to the map itself.
    const comment = commentOf(pair.key) || (index === 0 ? textOf(node.commentBefore) || inherited : '')
    const path = `${parent}${keyOf(pair)}`
    const inner = rowsOf(pair.value, `${path}.`)
    return comment === '' ? inner : [{ path, fallback: fallbackOf(pair, inner), meaning: comment }, ...inner]
  })
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key)
}

function commentOf(key: unknown): string {
  return isScalar(key) ? textOf(key.commentBefore) : ''
}

function textOf(comment: string | null | undefined): string {
  return (comment ?? '').replaceAll(/\s+/g, ' ').trim()
}

/** Nothing where the rows below say it. */
function fallbackOf({ value }: Pair, inner: readonly Row[]): string {
  if (inner.length > 0) return ''
  const plain = stringify(isNode(value) ? value.toJSON() : value, { collectionStyle: 'flow', lineWidth: 0 })
  return `\`${plain.trim()}\``
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isScalar(value) || (typeof value === 'object' && value !== null && 'toJSON' in value)
}
