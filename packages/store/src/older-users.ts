import { mongo } from 'mongoose'

/** Where the older system keeps its users. */
export type OlderUsersSource = Readonly<{ url: string; database: string }>

/** A row of its collection `users`, as it is: nothing of it is proven. */
export type OlderUserRow = Readonly<{
  id: string
  fullname: unknown
  email: unknown
  password: unknown
  allowed: unknown
}>

/** Reads them one by one, in the order in which they were made, and changes nothing there. */
export async function* readOlderUsers({ url, database }: OlderUsersSource): AsyncGenerator<OlderUserRow> {
  const client = new mongo.MongoClient(url, { appName: 'whatsapp-sender-import', serverSelectionTimeoutMS: 5000 })
  try {
    const fields = { fullname: 1, email: 1, password: 1, allowed: 1 } as const
    const rows = client.db(database).collection('users').find({}, { projection: fields }).sort({ _id: 1 })
    for await (const { _id, fullname, email, password, allowed } of rows) {
      yield { id: String(_id), fullname, email, password, allowed }
    }
  } finally {
    await client.close()
  }
}
