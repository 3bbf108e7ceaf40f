import { randomBytes } from 'node:crypto'
import { mongoConfigOf, mongoEnv, parseEnv } from '@whatsapp-sender/service-runtime'
import { openStore, readOlderUsers } from '@whatsapp-sender/store'
import { z } from 'zod'
import { runToItsEnd } from '../run-to-its-end.ts'
import { importUsers } from './import-users.ts'

const Env = z.object({
  ...mongoEnv,
  /** In the environment, for what is on a command line can be read by everybody on the machine. */
  OLD_MONGO_URL: mongoEnv.MONGO_URL.unwrap(),
  OLD_MONGO_DATABASE: mongoEnv.MONGO_DATABASE,
})

// Copies the users of the older system from another MongoDB, tells what became of them, and ends.
await runToItsEnd(async () => {
  const env = parseEnv(Env, process.env)
  // Nothing that is sealed is read or written.
  const secretKey = randomBytes(32).toString('hex')
  const store = await openStore({ ...mongoConfigOf(env), appName: 'whatsapp-sender-import', secretKey })
  try {
    const source = { url: env.OLD_MONGO_URL, database: env.OLD_MONGO_DATABASE }
    const { imported, known, refused } = await importUsers(readOlderUsers(source), store.users.importOlder)
    for (const { id, why } of refused) console.log(`refused ${id}: ${why}`)
    console.log(`${imported} imported, ${known} here already, ${refused.length} refused`)
  } finally {
    await store.close()
  }
})
