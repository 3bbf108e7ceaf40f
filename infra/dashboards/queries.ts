/** A metric, of the namespaces that are chosen, with further matchers such as `result="won"`. */
export function chosen(metric: string, matchers = ''): string {
  return `${metric}{namespace=~"$namespace"${matchers && `,${matchers}`}}`
}

/** The increase of a metric with matchers of its own, such as `sends_total{outcome="sent"}`, summed over all that are chosen. */
export function increase(selector: string, range: string): string {
  const [metric = '', matchers = '}'] = selector.split('{')
  return `sum (increase(${chosen(metric, matchers.slice(0, -1))}[${range}]))`
}

/** Per second, summed. */
export function rate(metric: string, o: Readonly<{ where?: string; by?: string }> = {}): string {
  return `sum${byOf(o.by)} (rate(${chosen(metric, o.where)}[$__rate_interval]))`
}

export function sum(metric: string, o: Readonly<{ where?: string; by?: string }> = {}): string {
  return `sum${byOf(o.by)} (${chosen(metric, o.where)})`
}

/** What so large a part of the observations of a histogram stays below. */
export function quantile(part: number, metric: string, o: Readonly<{ where?: string; by?: string }> = {}): string {
  const by = o.by === undefined ? 'le' : `le, ${o.by}`
  return `histogram_quantile(${part}, sum by (${by}) (rate(${chosen(`${metric}_bucket`, o.where)}[$__rate_interval])))`
}

function byOf(by: string | undefined): string {
  return by === undefined ? '' : ` by (${by})`
}
