import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const DNS_PORT = 53
const TTL_SECONDS = 5
const [TYPE_A, CLASS_IN] = [1, 1]
const [NO_ERROR, SERVER_FAILURE, NAME_ERROR] = [0, 2, 3]
const HEADER_BYTES = 12
/** An answer, with the recursion that clients ask for. */
const FLAGS = 0x8580

export type ClusterDns = Readonly<{ port: number; stop(): Promise<void> }>

/**
 * The name service of a cluster on one node, over UDP: `<service>.<namespace>.svc.cluster.local` is the address of a
 * Service. There is no other name, for pods reach no other network.
 */
export async function startClusterDns(
  { host, port: wantedPort = DNS_PORT }: Readonly<{ host: string; port?: number }>,
  addressOf: (service: string, namespace: string) => Promise<string | undefined>,
): Promise<ClusterDns> {
  const socket = createSocket('udp4')
  socket.on('message', (query, { address, port }) => {
    // What is no query gets no answer.
    answerTo(query, addressOf).then(
      (answer) => socket.send(answer, port, address),
      () => undefined,
    )
  })
  socket.bind(wantedPort, host)
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    async stop() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

async function answerTo(
  query: Buffer,
  addressOf: (service: string, namespace: string) => Promise<string | undefined>,
): Promise<Buffer> {
  const { name, type, end } = questionOf(query)
  const [, service, namespace] = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/i.exec(name) ?? []
  if (service === undefined || namespace === undefined) return answerOf(query, end, { code: NAME_ERROR })
  try {
    const address = await addressOf(service, namespace)
    if (address === undefined) return answerOf(query, end, { code: NAME_ERROR })
    return answerOf(query, end, { code: NO_ERROR, ...(type === TYPE_A && { address }) })
  } catch {
    return answerOf(query, end, { code: SERVER_FAILURE })
  }
}

/** The one question of a query: its labels, each after its length, then its type and class. */
function questionOf(query: Buffer): Readonly<{ name: string; type: number; end: number }> {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function answerOf(
  query: Buffer,
  questionEnd: number,
  { code, address }: Readonly<{ code: number; address?: string }>,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE(FLAGS | code, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(address === undefined ? 0 : 1, 6)
  const question = query.subarray(HEADER_BYTES, questionEnd)
  return Buffer.concat([header, question, ...(address === undefined ? [] : [recordOf(address)])])
}

function recordOf(address: string): Buffer {
  const record = Buffer.alloc(16)
  // The name is that of the question, which begins after the header.
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0)
  record.writeUInt16BE(TYPE_A, 2)
  record.writeUInt16BE(CLASS_IN, 4)
  record.writeUInt32BE(TTL_SECONDS, 6)
  record.writeUInt16BE(4, 10)
  for (const [at, part] of address.split('.').entries()) record.writeUInt8(Number(part), 12 + at)
  return record
}
