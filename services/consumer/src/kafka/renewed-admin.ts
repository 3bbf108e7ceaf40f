import type { Admin, Kafka } from 'kafkajs'

/** Asks the broker, over a connection that is made when it is first needed. */
export type RenewedAdmin = Readonly<{
  /** Rejects when the broker cannot be asked, within about `requestTimeout` twice over. */
  ask<T>(work: (admin: Admin) => Promise<T>): Promise<T>
  close(): Promise<void>
}>

/**
 * kafkajs keeps a connection whose requests time out, and would wait up to half a minute between tries. Here one that
 * failed is left for a new one, and whoever asks decides when to ask again.
 */
export function createRenewedAdmin(kafka: Pick<Kafka, 'admin'>): RenewedAdmin {
  let connecting: Promise<Admin> | undefined

  const leave = (failed: Promise<Admin>): void => {
    if (connecting === failed) connecting = undefined
    failed.then((admin) => admin.disconnect()).catch(() => {})
  }

  return {
    ask: async (work) => {
      connecting ??= connect(kafka)
      const mine = connecting
      try {
        return await work(await mine)
      } catch (error) {
        leave(mine)
        throw error
      }
    },
    close: async () => {
      const admin = await connecting?.catch(() => undefined)
      await admin?.disconnect()
    },
  }
}

async function connect(kafka: Pick<Kafka, 'admin'>): Promise<Admin> {
  const admin = kafka.admin({ retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 500 } })
  await admin.connect()
  return admin
}
