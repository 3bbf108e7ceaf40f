import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** A mail server that takes no recipient, and quotes in its answer who it was. */
export async function startRefusingMailServer() {
  let asked = 0
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.write('220 ready\r\n')
    createInterface(socket).on('line', (line) => {
      if (/^RCPT/i.test(line)) asked += 1
      answer(socket, line)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    port: address.port,
    asked: () => asked,
    stop: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

function answer(socket: Socket, line: string): void {
  if (/^EHLO/i.test(line)) socket.write('250-here\r\n250 AUTH PLAIN LOGIN\r\n')
  else if (/^AUTH/i.test(line)) socket.write('235 welcome\r\n')
  else if (/^RCPT/i.test(line)) socket.write(`550 no such mailbox: ${line}\r\n`)
  else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
  else socket.write('250 ok\r\n')
}
