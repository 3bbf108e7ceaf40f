import type { Policy } from './history.ts'
import type { Size } from './row.ts'
import { faultsOf, runRow } from './run-row.ts'
import { loadRows } from './schedule.ts'

// One row in a process of its own: what it breaks or leaves behind stays with it.
// A signal's own end would leave its programs behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
const [number, policy, seed = '', size, directory] = process.argv.slice(2)
const row = (await loadRows()).find((each) => each.number === Number(number))
if (row === undefined) throw new Error(`there is no row ${number}`)
const result = await runRow(row, { seed, policy: policyOf(policy), size: sizeOf(size) }, directory)
for (const fault of faultsOf(result)) console.error(fault)
process.exit(0)

function policyOf(name: string | undefined): Policy {
  return name === 'hold' ? 'hold' : 'resend'
}

function sizeOf(name: string | undefined): Size {
  return name === 'short' || name === 'full' ? name : 'usual'
}
