import { randomBytes } from 'node:crypto'
import { openStore, type Store } from '@whatsapp-sender/store'

/** A user as the use cases know one. */
export const ANA = {
  id: 'ana',
  email: 'ana@example.com',
  fullname: 'Ana',
  role: 'sender',
  status: 'approved',
  tokenVersion: 0,
  onAmbiguous: 'hold',
  passwordHash: '',
  createdAt: new Date(0),
} as const

/** A real database for a test of what stands behind the routes. */
export async function openOwnStore(): Promise<Readonly<{ store: Store; drop(): Promise<void> }>> {
  const { MONGO_URL: url } = process.env
  if (!url) throw new Error('MONGO_URL must say where the database is')
  const database = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  const store = await openStore({ url, database, appName: database, secretKey: 's'.repeat(40) })
  await store.ensureIndexes()
  return {
    store,
    drop: async () => {
      await store.db.dropDatabase()
      await store.close()
    },
  }
}
