import { rm } from 'node:fs/promises'
import { holderOf } from './process/directory-lock.ts'
import { stateDirectory } from './startup/locations.ts'

// `npm run reset`: forgets the data, the secrets and the logs of `npm start`. What was downloaded stays.
const holder = await holderOf(stateDirectory)
if (holder === undefined) {
  await rm(stateDirectory, { recursive: true, force: true })
  console.log('All data of npm start are gone. The next start begins anew.')
} else {
  console.error(`npm start runs here (process ${holder}). Stop it first, with Ctrl-C.`)
  process.exitCode = 1
}
