import { rename, rm, writeFile } from 'node:fs/promises'
import { locations } from './locations.ts'

/** The running system, for scripts: URLs without a slash at the end; `kafka` is `host:port`. */
export type ReadySystem = Readonly<{
  api: string
  apiMetrics: string
  consumerMetrics: string
  /** With `--observe` only, and `prometheus` where there is one. */
  canaryMetrics?: string
  prometheus?: string
  evolution: string
  kafka: string
  mongo: string
  admin: Readonly<{ email: string; password: string }>
}>

/** Whoever sees the file sees all of it. */
export async function writeReadyFile(system: ReadySystem): Promise<void> {
  const temporary = `${locations.readyFile}.${process.pid}`
  await writeFile(temporary, `${JSON.stringify(system, undefined, 2)}\n`, { mode: 0o600 })
  await rename(temporary, locations.readyFile)
}

export function removeReadyFile(): Promise<void> {
  return rm(locations.readyFile, { force: true })
}
