import { Gauge, type Registry } from 'prom-client'

/** Connections of one pool. `busy`: of the open ones, those in use; `waiting`: callers that have none yet. */
export type PoolState = Readonly<{ open: number; busy: number; waiting: number }>

/** Tells of pools, by name, at each scrape. Once per process. */
export function watchPools(registry: Registry, pools: Readonly<Record<string, () => PoolState>>): void {
  new Gauge({
    name: 'whatsapp_connections',
    help: 'Connections by pool. pool: mongodb, evolution. state: open, busy (of them in use), waiting (callers that have none; above 0 for long: the other side is slow).',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const [pool, read] of Object.entries(pools))
        for (const [state, count] of Object.entries(read())) this.set({ pool, state }, count)
    },
  })
}
