import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataOf } from '@whatsapp-sender/client'
import { InstallError } from '@whatsapp-sender/sandbox/embedded/install-error'
import { globalSetup, globalTeardown, tearDownOnSignals } from '../global-setup.ts'
import { startSystem } from '../support/system.ts'
import { ContractOptionsError, parseContractOptions } from './contract-options.ts'
import { installSchemathesis, runSchemathesis } from './schemathesis.ts'

// `npm run test:contract`: calls that are made up from /openapi.json, to the whole product as it runs, by an administrator.

/**
 * Event streams have no end; a logout and a new password take away what the calls are made with; and a server that a call
 * has made up is not there to be checked, so that 503 is the right answer.
 */
const NOT_CALLED = [
  'followEvents',
  'followMessage',
  'followConnection',
  'logOut',
  'changePassword',
  'checkEvolutionServer',
]

tearDownOnSignals()
process.exit(await main())

async function main(): Promise<number> {
  try {
    const { seed, maxExamples } = parseContractOptions(process.argv.slice(2))
    const program = await installSchemathesis(() => console.log('Installing Schemathesis (first time only)…'))
    console.log(`--seed ${seed} --max-examples ${maxExamples}`)
    await globalSetup()
    return (await callAll(program, { seed, maxExamples })) ? 0 : 1
  } catch (error) {
    if (!(error instanceof ContractOptionsError) && !(error instanceof InstallError)) throw error
    console.error(error.message)
    return 2
  } finally {
    await globalTeardown()
  }
}

async function callAll(program: string, o: Readonly<{ seed: number; maxExamples: number }>): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-contract-'))
  const system = await startSystem({ apiEnv: { ACCESS_TOKEN_TTL_SECONDS: '86400' } })
  try {
    const login = dataOf(system.anonymous.api.POST('/user/login', { body: system.adminAccount }))
    const { access_token: token } = await login
    return await runSchemathesis(program, { ...o, url: system.apiUrl, token, without: NOT_CALLED, directory })
  } finally {
    await system.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
