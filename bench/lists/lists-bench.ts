import { join } from 'node:path'
import { bodyHashOf, RECORD_VERSION } from '@whatsapp-sender/contract'
import { findOnPath } from '@whatsapp-sender/sandbox/process/running-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import { type BenchResult, resultOf } from '../bench-result.ts'
import type { Options } from '../options.ts'
import { type Installation, install } from '../system/installation.ts'
import { memoryOf } from '../system/process-usage.ts'
import { startApi } from '../system/programs.ts'
import { logIn, type RestClient } from '../system/rest-client.ts'
import { tableOf } from '../table.ts'
import { type Asked, askedLists } from './asked-lists.ts'
import { dropFileCache } from './drop-file-cache.ts'
import { fillCollections } from './fill-collections.ts'
import { type Depth, type Measured, measurePages } from './list-pages.ts'
import { otherCollections } from './other-collections.ts'
import { type RowPlan, rowFrom } from './row-plan.ts'
import { createTemplates } from './row-templates.ts'

const ROWS = 5_000_000
const QUICK_ROWS = 50_000
const GOAL_MS = 50
const MIB = 1_048_576

const Sizes = z.object({ storageSize: z.number(), totalIndexSize: z.number(), size: z.number() })
const Me = z.object({ id: z.string() })
const Webhook = z.object({ id: z.string() })

/** How long a page of 100 takes over HTTP at any depth of lists of millions, by each filter. */
export async function runListsBench(options: Options): Promise<BenchResult> {
  const rows = options.rows ?? (options.isQuick ? QUICK_ROWS : ROWS)
  if (rows < QUICK_ROWS) throw new Error(`--rows must be at least ${QUICK_ROWS}: a deep page would not be full`)
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: 6 })
  const { store } = installation
  console.log(`lists · ${installation.machine.description}`)
  const api = await startApi(installation)
  cleanups.defer(async () => void (await api.stop()))
  const client = await until('the first administrator exists', () => logIn(api.url, api.admin).catch(() => undefined), {
    everyMs: 500,
  })
  const { id: user } = Me.parse(await client.call('GET', '/v1/me', undefined, 200))
  const hook = { url: 'https://93.184.216.34/hook' }
  const { id: endpoint } = Webhook.parse(await client.call('POST', '/v1/webhooks', hook, 201))

  const plan: RowPlan = { rows, user, until: Date.now() }
  const templates = await createTemplates(store, recordOf(user))
  const filled = await fillCollections(store, [
    { collection: 'messages', count: rows, documentAt: (n) => rowFrom(plan, templates, n) },
    ...(await otherCollections(store, plan, endpoint)),
  ])
  console.log(`filled in ${filled.insertSeconds} s, the indexes in ${filled.indexSeconds} s`)
  const only = (name: string) => options.only?.some((wanted) => name.startsWith(wanted)) ?? true
  const lists = askedLists(plan, endpoint).filter(({ name }) => only(name))
  const warm = await measureAll(client, plan, { lists, pages: options.isQuick ? 50 : 200 })
  const indexed = lists.filter(({ isIndexed }) => isIndexed)
  const cold = await measureCold(client, plan, { installation, lists: indexed, pages: options.isQuick ? 10 : 50 })
  return report([...warm, ...cold], {
    rows,
    ...(await sizesOf(installation)),
    ...filled,
    apiRssPeakMib: memoryOf(api.pid)?.peakMib,
  })
}

type Line = Measured & Readonly<{ asked: Asked; depth: Depth | 'cold' }>

async function measureAll(
  client: RestClient,
  plan: RowPlan,
  { lists, pages }: Readonly<{ lists: readonly Asked[]; pages: number }>,
): Promise<Line[]> {
  const lines: Line[] = []
  for (const asked of lists) {
    for (const depth of asked.by === 'filter' ? (['any'] as const) : (['first', 'middle', 'deep'] as const))
      lines.push({ asked, depth, ...(await measurePages(client, plan, { asked, depth, pages })) })
    console.log(
      `${asked.name}: p99 ${lines.flatMap((line) => (line.asked === asked ? [line.p99Ms] : [])).join(', ')} ms`,
    )
  }
  return lines
}

/** Of files that nothing in memory knows; only of a database that the bench started, where the system has a way to forget. */
async function measureCold(
  client: RestClient,
  plan: RowPlan,
  { installation, lists, pages }: Readonly<{ installation: Installation; lists: readonly Asked[]; pages: number }>,
): Promise<Line[]> {
  const { servers, directory } = installation
  if (servers.mongodPid === undefined || findOnPath('dd', process.env['PATH'] ?? '') === undefined) {
    console.log('not measured from cold files: they are not those of a database that the bench started')
    return []
  }
  const dataDir = join(directory, 'mongo', 'data')
  await installation.store.db.client.db('admin').command({ fsync: 1 })
  const lines: Line[] = []
  for (const asked of lists) {
    dropFileCache(dataDir)
    lines.push({ asked, ...(await measurePages(client, plan, { asked, depth: 'any', pages })), depth: 'cold' })
  }
  return lines
}

async function sizesOf({ store }: Installation) {
  const { size, storageSize, totalIndexSize } = Sizes.parse(await store.db.command({ collStats: 'messages' }))
  const mib = (bytes: number) => Math.round(bytes / MIB)
  return { messagesMib: mib(size), storedMib: mib(storageSize), indexesMib: mib(totalIndexSize) }
}

function report(lines: readonly Line[], facts: Readonly<Record<string, unknown>>): BenchResult {
  const cells = lines.map(({ asked, depth, p50Ms, p99Ms, maxMs }) => [
    `${asked.name}${asked.isIndexed ? '' : ' *'}`,
    depth,
    `${p50Ms}`,
    `${p99Ms}`,
    `${maxMs}`,
  ])
  console.log(tableOf([['list', 'depth', 'p50 ms', 'p99 ms', 'max ms'], ...cells]))
  console.log('* no index answers it: a page looks at a bounded number of rows, and no goal is set for it')
  const judged = lines.filter(({ asked, depth }) => asked.isIndexed && depth !== 'cold')
  const missed = judged.filter(({ p99Ms }) => p99Ms > GOAL_MS).map(({ asked, depth }) => `${asked.name}, ${depth}`)
  for (const name of missed) console.log(`MISSED: ${name}: p99 above ${GOAL_MS} ms`)
  const of = (some: readonly Line[], part: 'p50Ms' | 'p99Ms') =>
    Object.fromEntries(some.map((line) => [`${line.asked.name}, ${line.depth}`, line[part]]))
  return resultOf(
    lines.flatMap(({ faults }) => faults.slice(0, 3)),
    {
      goalMs: GOAL_MS,
      worstP99Ms: Math.max(...judged.map(({ p99Ms }) => p99Ms)),
      missed,
      p99Ms: of(lines, 'p99Ms'),
      p50Ms: of(lines, 'p50Ms'),
      ...facts,
    },
  )
}

function recordOf(user: string) {
  const text = 'Olá! Seu pedido 48213 saiu para entrega e chega hoje entre 14h e 18h. Qualquer dúvida, é só responder.'
  const requested = {
    instance: 'bench-0',
    to: '+5511980000000',
    type: 'text',
    content: { text },
    onAmbiguous: 'resend',
    priority: 'normal',
  } as const
  return {
    v: RECORD_VERSION,
    user,
    instanceId: 'id-of-bench-0',
    ...requested,
    bodyHash: bodyHashOf(requested),
    acceptedAt: new Date().toISOString(),
  } as const
}
