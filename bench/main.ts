import type { BenchResult } from './bench-result.ts'
import { type Options, parseOptions } from './options.ts'

// `npm run bench -- accept | deliver | …`. The last five commands are the other side of a comparison, or what is measured,
// each in a process of its own, which a bench starts.
const COMMANDS: Readonly<
  Record<string, (options: Options, args: readonly string[]) => Promise<BenchResult | undefined>>
> = {
  accept: async (options) => (await import('./accept/accept-bench.ts')).runAcceptBench(options),
  deliver: async (options) => (await import('./deliver/deliver-bench.ts')).runDeliverBench(options),
  'deliver-backlog': async (options) => (await import('./backlog/backlog-bench.ts')).runBacklogBench(options),
  idle: async (options) => (await import('./idle/idle-bench.ts')).runIdleBench(options),
  recovery: async (options) => (await import('./recovery/recovery-bench.ts')).runRecoveryBench(options),
  memory: async (options) => (await import('./memory/memory-bench.ts')).runMemoryBench(options),
  lists: async (options) => (await import('./lists/lists-bench.ts')).runListsBench(options),
  campaign: async (options) => (await import('./campaign/campaign-bench.ts')).runCampaignBench(options),
  promises: async (options) => (await import('./promises/promises-bench.ts')).runPromisesBench(options),
  traces: async (options) => (await import('./traces/traces-bench.ts')).runTracesBench(options),
  cardinality: async (options) => (await import('./cardinality/cardinality-bench.ts')).runCardinalityBench(options),
  operator: async (options) => (await import('./operator/operator-bench.ts')).runOperatorBench(options),
  'express-baseline': async (_, args) => (await import('./accept/express-baseline.ts')).runExpressBaseline(args),
  'sequential-consumer': async (_, args) =>
    (await import('./deliver/sequential-consumer.ts')).runSequentialConsumer(args),
  'bare-posts': async (_, args) => (await import('./deliver/bare-posts.ts')).runBarePosts(args),
  'operator-in-pod': async (options, args) =>
    (await import('./operator/operator-in-pod.ts')).runOperatorInPod(options, args),
  'older-sender': async (_, args) => (await import('./promises/older-sender.ts')).runOlderSender(args),
}

const [name = '', ...args] = process.argv.slice(2)
const command = COMMANDS[name]
if (command === undefined) {
  console.error(
    'npm run bench -- accept | deliver | deliver-backlog | idle | recovery | memory | lists | campaign | promises | traces | cardinality | operator [--seconds N] [--rounds N] [--rows N] [--only a,b] [--quick]',
  )
  process.exit(2)
}
process.once('SIGINT', () => process.exit(130))
const result = await command(parseOptions(args, process.env), args)
if (result !== undefined) {
  for (const line of result.broken) console.error(`BROKEN: ${line}`)
  console.log(JSON.stringify({ bench: name, ...result.figures }))
  process.exit(result.broken.length === 0 ? 0 : 1)
}
