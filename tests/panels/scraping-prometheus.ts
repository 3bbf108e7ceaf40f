import { z } from 'zod'
import { runPrometheus } from '../support/run-prometheus.ts'

/** A process as a PodMonitor finds it. */
export type Scraped = Readonly<{ address: string; job: string; namespace: string; pod: string }>

/** What one legend of a panel is drawn from: times are of no account here. */
export type Series = Readonly<{ labels: Readonly<Record<string, string>>; values: readonly number[] }>

export type ScrapingPrometheus = Readonly<{
  url: string
  /** Of all series that match, the values of a label: what a variable of a dashboard offers. */
  labelValues(match: string, label: string): Promise<readonly string[]>
  /** @throws when Prometheus refuses the expression */
  ask(expr: string, between: Readonly<{ from: Date; to: Date; stepSeconds: number }>): Promise<readonly Series[]>
  stop(): Promise<void>
}>

/** A Prometheus that scrapes whatever runs, asked anew each second, under the labels that it would have in a cluster. */
export async function startScrapingPrometheus(
  scraped: () => readonly Scraped[],
  interval: string,
): Promise<ScrapingPrometheus> {
  const { url, stop } = await runPrometheus({
    groups: () => scraped().map(({ address, ...labels }) => ({ targets: [address], labels })),
    scrape: { job_name: 'pods' },
    config: { global: { scrape_interval: interval } },
  })
  return {
    url,
    labelValues: async (match, label) => {
      const query = new URLSearchParams({ 'match[]': match })
      return LabelValues.parse(await getJson(`${url}/api/v1/label/${label}/values?${query.toString()}`)).data
    },
    ask: async (expr, { from, to, stepSeconds }) => {
      const query = new URLSearchParams({
        query: expr,
        start: from.toISOString(),
        end: to.toISOString(),
        step: `${stepSeconds}`,
      })
      const { data } = Matrix.parse(await getJson(`${url}/api/v1/query_range?${query.toString()}`))
      return data.result.map(({ metric, values }) => ({ labels: metric, values: values.map(([, value]) => value) }))
    },
    stop,
  }
}

const LabelValues = z.object({ data: z.array(z.string()) })
const Matrix = z.object({
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string().transform(Number)])),
      }),
    ),
  }),
})

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url)
  const text = await response.text()
  if (!response.ok) throw new Error(`Prometheus answers ${response.status}: ${text}`)
  return JSON.parse(text)
}
