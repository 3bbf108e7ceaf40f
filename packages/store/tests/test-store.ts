import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import { openStore, type Store, type StoreOptions } from '../src/index.ts'

const { MONGO_URL = 'mongodb://127.0.0.1:27017' } = process.env

/** A store on a database of its own, with its indexes; dropped when the file or the test that asked for it has ended. */
export async function openTestStore(options: Partial<StoreOptions> = {}): Promise<Store> {
  const database = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  const store = await openStore({
    url: MONGO_URL,
    database,
    appName: 'store-test',
    secretKey: 'a secret of at least thirty-two bytes',
    ...options,
  })
  after(async () => {
    await store.db.dropDatabase()
    await store.close()
  })
  await store.ensureIndexes()
  return store
}
