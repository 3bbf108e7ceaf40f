/** The sum of a metric over its labels, or over those lines that have this one, as a process shows it beside its probes. */
export async function metricOf(
  { readyUrl }: Readonly<{ readyUrl: string }>,
  name: string,
  label = '',
): Promise<number> {
  const response = await fetch(new URL('/metrics', readyUrl))
  const lines = (await response.text()).split('\n')
  // Those that nothing was counted under are not shown, but the metric is described.
  if (!lines.some((line) => line.startsWith(`# TYPE ${name} `))) throw new Error(`there is no metric ${name}`)
  const values = lines.filter((line) => /^[a-z_]+/.exec(line)?.[0] === name && line.includes(label))
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
