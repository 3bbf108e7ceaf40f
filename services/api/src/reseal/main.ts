import { envSecrets, mongoConfigOf, mongoEnv, parseEnv } from '@whatsapp-sender/service-runtime'
import { openStore } from '@whatsapp-sender/store'
import { z } from 'zod'
import { runToItsEnd } from '../run-to-its-end.ts'

const Env = z.object({ ...mongoEnv, SECRET_KEY: envSecrets(32) })

// Seals anew, with the first key of SECRET_KEY, what the others have sealed; tells how much that was, and ends.
await runToItsEnd(async () => {
  const env = parseEnv(Env, process.env)
  const { newest, others } = env.SECRET_KEY
  const store = await openStore({
    ...mongoConfigOf(env),
    appName: 'whatsapp-sender-reseal',
    secretKey: newest,
    otherSecretKeys: others,
  })
  try {
    const { resealed, unreadable } = await store.reseal()
    console.log(`${resealed} sealed anew, ${unreadable} that none of the keys opens`)
    // Of a key that is needed still, somebody who goes by the exit code must not take it away.
    if (unreadable > 0) process.exitCode = 1
  } finally {
    await store.close()
  }
})
