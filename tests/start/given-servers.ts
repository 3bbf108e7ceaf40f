import { randomBytes } from 'node:crypto'
import { createEvolutionSandbox } from '@whatsapp-sender/sandbox/evolution/sandbox'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { openStore } from '@whatsapp-sender/store'
import { createSandboxFolder } from './run-npm-start.ts'

/**
 * A folder for an `npm start` that is told where its servers are: the broker and the database of this run, and a simulator
 * in this process, which runs by now.
 * @param env besides
 */
export async function createFolderOfGivenServers(env: NodeJS.ProcessEnv = {}) {
  const run = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  const apiKey = randomBytes(16).toString('hex')
  const evolution = createEvolutionSandbox({
    host: '127.0.0.1',
    port: await findFreePort(),
    apiKey,
    autoOpen: true,
    latencyMs: 0,
  })
  await evolution.start()
  const folder = await createSandboxFolder({
    ...process.env,
    KAFKA_PREFIX: `${run}_`,
    MONGO_DATABASE: run,
    EVOLUTION_API_URL: evolution.url,
    AUTHENTICATION_API_KEY: apiKey,
    ...env,
  })
  return {
    ...folder,
    evolutionUrl: evolution.url,
    async remove(): Promise<void> {
      await folder.remove()
      await evolution.stop()
      const store = await openStore({
        url: process.env['MONGO_URL'] ?? '',
        database: run,
        appName: 'test',
        secretKey: randomBytes(32).toString('hex'),
      })
      await store.db.dropDatabase()
      await store.close()
    },
  }
}
