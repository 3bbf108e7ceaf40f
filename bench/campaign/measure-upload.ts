import { z } from 'zod'
import { spreadOf } from '../statistics.ts'
import { memoryOf } from '../system/process-usage.ts'
import { csvOf } from './campaign-file.ts'

const SAMPLE_MS = 250
const TOLD_EVERY = 40

const Answer = z.object({ rows: z.object({ total: z.int(), valid: z.int(), faulty: z.int() }) })

export type Uploaded = Readonly<{
  valid: number
  seconds: number
  rowsPerSecond: number
  /** Of the API: right before, the middle and most while rows came in, and the most in their first and last quarter. */
  rssMib: Readonly<{ before: number; median: number; max: number; firstQuarter: number; lastQuarter: number }>
}>

/** Uploads so many rows as fast as the API takes them, and watches how much memory that takes of it. */
export async function measureUpload({
  url,
  token,
  rows,
  pid,
}: Readonly<{ url: string; token: string; rows: number; pid: number }>): Promise<Uploaded> {
  const samples: number[] = []
  let sentBytes = 0
  const startedAt = performance.now()
  const secondsSoFar = () => (performance.now() - startedAt) / 1000
  const sample = (): void => {
    samples.push(memoryOf(pid)?.nowMib ?? Number.NaN)
    if (samples.length % TOLD_EVERY !== 0) return
    console.log(`${Math.round(sentBytes / 1e6)} MB after ${Math.round(secondsSoFar())} s · API ${samples.at(-1)} MiB`)
  }
  const before = memoryOf(pid)?.nowMib ?? Number.NaN
  const timer = setInterval(sample, SAMPLE_MS)
  try {
    const counted = async function* () {
      for await (const bytes of csvOf(rows)) {
        sentBytes += bytes.length
        yield bytes
      }
    }
    const response = await fetch(url, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
      body: ReadableStream.from(counted()),
      duplex: 'half',
    })
    const text = await response.text()
    if (response.status !== 200) throw new Error(`the upload: ${response.status} ${text}`)
    const seconds = secondsSoFar()
    sample()
    return {
      valid: Answer.parse(JSON.parse(text)).rows.valid,
      seconds: Number(seconds.toFixed(1)),
      rowsPerSecond: Math.round(rows / seconds),
      rssMib: { before, ...memoryWhile(samples) },
    }
  } finally {
    clearInterval(timer)
  }
}

function memoryWhile(samples: readonly number[]): Omit<Uploaded['rssMib'], 'before'> {
  const quarter = Math.ceil(samples.length / 4)
  const { median, max } = spreadOf(samples, 0)
  return {
    median,
    max,
    firstQuarter: Math.max(...samples.slice(0, quarter)),
    lastQuarter: Math.max(...samples.slice(-quarter)),
  }
}
