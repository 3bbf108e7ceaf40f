/** The sum of a metric over its labels, as one of our processes shows it beside its probes. */
export async function metricOf({ readyUrl }: Readonly<{ readyUrl: string }>, name: string): Promise<number> {
  const response = await fetch(new URL('/metrics', readyUrl))
  const lines = (await response.text()).split('\n')
  const values = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
