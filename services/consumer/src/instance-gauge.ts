import { Gauge, type Registry } from 'prom-client'
import type { Gates } from './dispatch/gates.ts'

/**
 * The one metric that names instances, so it is off unless somebody asks for it, and never has more series than he asked
 * for. Those that are shut come first.
 */
export function createInstanceGauge(
  registry: Registry,
  watched: () => Readonly<{ gates: Pick<Gates, 'mine'>; config: Readonly<{ instanceMetricsMax: number }> }>,
): void {
  new Gauge({
    name: 'whatsapp_instance_info',
    help: '1 for each instance this consumer works for, of INSTANCE_METRICS_MAX at most (0: none), shut ones first. gate: open, shut.',
    labelNames: ['instance', 'gate'],
    registers: [registry],
    collect() {
      this.reset()
      const { gates, config } = watched()
      if (config.instanceMetricsMax === 0) return
      const mine = gates.mine().sort((a, b) => Number(a.isOpen) - Number(b.isOpen))
      for (const { instance, isOpen } of mine.slice(0, config.instanceMetricsMax))
        this.set({ instance, gate: isOpen ? 'open' : 'shut' }, 1)
    },
  })
}
