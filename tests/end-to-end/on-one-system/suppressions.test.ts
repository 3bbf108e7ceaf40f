import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { dataOf } from '@whatsapp-sender/client'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Client } from '../../support/client.ts'
import { sharedSystem } from '../../support/shared-system.ts'
import type { System } from '../../support/system.ts'

let system: System
let ana: Client
before(async () => {
  system = await sharedSystem()
  ana = system.admin
  await ana.createInstance('left-alone')
})

const SENT = ['sent', 'delivered', 'read']

test('who answers SAIR is sent nothing from five seconds later on, not even what was accepted before; others are', async () => {
  await ana.follow(await send('+5511977771000'), SENT)
  await pause(true)
  await promised(2000)
  const waiting = await send('+5511977771000')
  const other = await send('+5511977772000')
  await reply('5511977771000', 'Obrigado!')
  await reply('5511977771000', 'sair')
  await until('it is on the list', async () => {
    const path = { number: '+5511977771000' }
    const { data } = await ana.api.GET('/v1/suppressions/{number}', { params: { path } })
    return data
  })
  await promised(5000)
  await pause(false)
  await ana.follow(other, SENT)
  const ended = await ana.follow(waiting, ['failed'])
  assert.equal(Object(ended).reason.code, 'suppressed')
  const journal = (await system.gateway.journalOf('left-alone')).map(({ number }) => number)
  assert.deepEqual(journal, ['5511977771000', '5511977772000'])
})

async function pause(paused: boolean): Promise<void> {
  await dataOf(ana.api.PATCH('/v1/instances/{name}', { params: { path: { name: 'left-alone' } }, body: { paused } }))
}

/** What is promised to have taken effect after so long. */
async function promised(afterMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, afterMs))
}

async function send(to: string): Promise<string> {
  const { status, body } = await ana.send('left-alone', to, 'olá')
  assert.equal(status, 202)
  return body.id
}

async function reply(number: string, text: string): Promise<void> {
  const response = await fetch(`${system.gateway.url}/sandbox/instances/left-alone/replies`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ number, text }),
  })
  assert.equal(response.status, 201, await response.text())
}
