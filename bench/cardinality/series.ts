/** How many series a process tells of. */
export async function seriesAt(metricsUrl: string): Promise<number> {
  return (await linesAt(metricsUrl)).length
}

/** The value of the series that begins so; 0 where there is none. */
export async function seriesValue(metricsUrl: string, begin: string): Promise<number> {
  const line = (await linesAt(metricsUrl)).find((each) => each.startsWith(begin))
  return Number(line?.split(' ').at(-1) ?? 0)
}

async function linesAt(metricsUrl: string): Promise<string[]> {
  const response = await fetch(metricsUrl)
  if (!response.ok) throw new Error(`${metricsUrl}: ${response.status}`)
  return (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}
