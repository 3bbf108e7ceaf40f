import { z } from 'zod'
import { spreadOf } from '../statistics.ts'
import { memoryOf } from '../system/process-usage.ts'
import { csvOf } from './campaign-file.ts'

const SAMPLE_MS = 250
const TOLD_EVERY_MS = 10_000

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
  countKept,
}: Readonly<{
  url: string
  token: string
  rows: number
  pid: number
  /** How many of them are in the database by now. */
  countKept(): Promise<number>
}>): Promise<Uploaded> {
  const samples: number[] = []
  const startedAt = performance.now()
  const secondsSoFar = () => (performance.now() - startedAt) / 1000
  const sample = () => samples.push(memoryOf(pid)?.nowMib ?? Number.NaN)
  const tell = async (): Promise<void> => {
    const kept = await countKept().catch(() => '?')
    console.log(`${kept} rows after ${Math.round(secondsSoFar())} s · API ${samples.at(-1)} MiB`)
  }
  const before = memoryOf(pid)?.nowMib ?? Number.NaN
  const timers = [setInterval(sample, SAMPLE_MS), setInterval(() => void tell(), TOLD_EVERY_MS)]
  try {
    const response = await fetch(url, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
      body: ReadableStream.from(csvOf(rows)),
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
    for (const timer of timers) clearInterval(timer)
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
