import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { globalSetup, globalTeardown, tearDownOnSignals } from '../global-setup.ts'
import { KEPT_RUNS } from './kept-runs.ts'
import { headlineOf } from './report.ts'
import { rowOf } from './row.ts'
import { faultsOf, isGreen, runRow } from './run-row.ts'
import { soakDefinition } from './soak.ts'

// `npm run test:soak -- --minutes 30`: faults mixed by FAULTS_SEED, as row 28 does, for as long as wanted.
const [flag, minutes = '30'] = process.argv.slice(2)
if ((flag !== undefined && flag !== '--minutes') || !/^[1-9]\d{0,3}$/.test(minutes)) {
  console.error('npm run test:soak -- --minutes <1 to 9999>')
  process.exit(2)
}
const seed = process.env['FAULTS_SEED'] || String(randomInt(1_000_000))
console.log(`FAULTS_SEED=${seed}  ${minutes} minutes`)
tearDownOnSignals()
await globalSetup()
const directory = join(KEPT_RUNS, `soak-${seed}-${minutes}`)
const result = await runRow(
  rowOf(soakDefinition(Number(minutes))),
  { seed, policy: 'resend', size: 'usual' },
  directory,
)
await globalTeardown()
for (const { what, met, seen } of result.demands) console.log(`${met ? 'met   ' : 'MISSED'} ${what}: ${seen}`)
for (const fault of faultsOf(result)) console.error(fault)
console.log(`${headlineOf([result])}\nLogs: ${directory}`)
process.exit(isGreen(result) ? 0 : 1)
