import { Pool } from 'undici'
import { z } from 'zod'
import { recipientAt } from '../system/recipients.ts'

const Target = z.object({
  url: z.url(),
  instances: z.array(z.object({ name: z.string(), apikey: z.string() })),
  messages: z.int(),
  inFlight: z.int(),
  text: z.string(),
})
export type BareTarget = Readonly<z.infer<typeof Target>>

/**
 * The least that sending costs: so many POSTs over one `undici.Pool`, their answers read and thrown away. `args`: the
 * target as JSON. Prints the CPU time of one, µs.
 */
export async function runBarePosts(args: readonly string[]): Promise<undefined> {
  const { url, instances, messages, inFlight, text } = Target.parse(JSON.parse(args[0] ?? ''))
  const pool = new Pool(url, { connections: inFlight, pipelining: 1 })
  let next = 0
  const sendAll = async (): Promise<void> => {
    for (let at = next++; at < messages; at = next++) {
      const instance = instances[at % instances.length]
      if (instance === undefined) return
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: `/message/sendText/${instance.name}`,
        headers: { apikey: instance.apikey, 'content-type': 'application/json' },
        body: JSON.stringify({ number: recipientAt(at).slice(1), text: `${text} ${at}` }),
      })
      const answer = await body.text()
      if (statusCode !== 201) throw new Error(`${statusCode} ${answer}`)
    }
  }
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: inFlight }, sendAll))
  const { user, system } = process.cpuUsage(before)
  await pool.close()
  console.log(JSON.stringify({ micros: Math.round((user + system) / messages) }))
  return undefined
}
