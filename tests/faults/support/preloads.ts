import { fileURLToPath } from 'node:url'

/**
 * Faults inside one process, put there by `NODE_OPTIONS` of that process: production code has no door for them.
 */
export const PRELOAD = {
  /** The wall clock is wrong by so much; the monotonic one is right, as after somebody set a machine's time. */
  clockOffset: (offsetMs: number) => preload('shift-clock.ts', { FAULT_CLOCK_OFFSET_MS: String(offsetMs) }),
  /** SIGUSR2 stalls the event loop for so long. */
  stall: (stallMs: number) => preload('stall-loop.ts', { FAULT_STALL_MS: String(stallMs) }),
}

function preload(file: string, env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${fileURLToPath(new URL(`preload/${file}`, import.meta.url))}`, ...env }
}
