import { parser } from '@prometheus-io/lezer-promql'

/** What an expression asks of: each metric with the labels that are matched, and the labels that are grouped by. */
export type Asked = Readonly<{
  selectors: readonly Readonly<{ metric: string; labels: readonly string[] }>[]
  grouping: readonly string[]
}>

/** @throws when it is no PromQL */
export function askedBy(expr: string): Asked {
  const selectors: { metric: string; labels: string[] }[] = []
  const grouping = new Set<string>()
  parser.parse(expr).iterate({
    enter: (node) => {
      const text = expr.slice(node.from, node.to)
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${expr}`)
      if (node.name === 'VectorSelector') selectors.push({ metric: '', labels: [] })
      const selector = selectors.at(-1)
      if (node.name === 'Identifier' && selector !== undefined && node.matchContext(['VectorSelector'])) {
        selector.metric = text
      } else if (node.name === 'LabelName') {
        if (node.matchContext(['GroupingLabels'])) grouping.add(text)
        else selector?.labels.push(text)
      }
    },
  })
  return { selectors, grouping: [...grouping] }
}
