import type { FaultRun } from '../fault-run.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

/** A way to the database that all rows share, which only those who are given its `url` take. */
export async function startMongoProxy(run: Pick<FaultRun, 'owns'>): Promise<FaultProxy & Readonly<{ url: string }>> {
  const port = /:(\d+)/.exec(process.env['MONGO_URL']?.replace('mongodb://', '') ?? '')?.[1]
  if (port === undefined) throw new Error('MONGO_URL names no port')
  const proxy = run.owns(await startFaultProxy(Number(port)), ({ close }) => close())
  // The driver must not look for members: it would find the way past the proxy.
  return { ...proxy, url: `mongodb://${proxy.address}/?directConnection=true` }
}
