import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { SendFailure } from '@whatsapp-sender/contract'
import { createGates, type Gates, type Sighting } from './gates.ts'

const DOWN = failure('instance-down')
const SERVER_DOWN = failure('server-down')
const OPEN: Sighting = { state: 'open' }

let now: number
let gates: Gates
let looks: { instance: string; answer(seen: Sighting): void }[]
let opened: (string | undefined)[]
let moved: unknown[]
let serverMoves: boolean[]
let knownShut: string[]
let foreign: string[]
let unaskable: string[]

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] })
  now = 0
  looks = []
  opened = []
  moved = []
  serverMoves = []
  knownShut = []
  foreign = []
  unaskable = []
  gates = createGates({
    look: (instance) => new Promise((answer) => looks.push({ instance, answer })),
    canLook: (instance) => !unaskable.includes(instance),
    isMine: (instance) => !foreign.includes(instance),
    isKnownOpen: (instance) => !knownShut.includes(instance),
    clock: { monotonic: () => now },
    onOpen: (instance) => opened.push(instance),
    onServerMoved: () => serverMoves.push(gates.isServerDown()),
    onMoved: (instance, seen) => moved.push([instance, seen]),
  })
})
afterEach(() => {
  gates.stop()
  mock.timers.reset()
})

test('an instance that is down shuts its own gate only, and a look that finds it open opens it', async () => {
  gates.onFailure('sales', DOWN)
  assert.deepEqual([gates.isOpen('sales'), gates.isOpen('other')], [false, true])
  pass(500)
  await answer('sales', OPEN)
  assert.equal(gates.isOpen('sales'), true)
  assert.deepEqual(opened, ['sales'])
})

test('looks at an instance that stays down come ever later, at least every 30 s', async () => {
  gates.onFailure('sales', DOWN)
  const waits: number[] = []
  for (let n = 0; n < 9; n++) {
    waits.push(passUntilLook())
    await answer('sales', { state: 'close' })
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  assert.equal(gates.isOpen('sales'), false)
})

test('an instance last seen shut is looked at before its first message', async () => {
  knownShut.push('sales')
  assert.equal(gates.isOpen('sales'), false)
  pass(0)
  await answer('sales', OPEN)
  assert.equal(gates.isOpen('sales'), true)
})

test('a check looks at once, however late the next look would have come', async () => {
  gates.onFailure('sales', DOWN)
  for (let n = 0; n < 8; n++) {
    passUntilLook()
    await answer('sales', { state: 'connecting' })
  }
  gates.check('sales')
  await answer('sales', OPEN)
  assert.equal(gates.isOpen('sales'), true)
})

test('a server that takes no connections shuts every gate, and one instance at a time finds out for all', async () => {
  for (const instance of ['a', 'b', 'c']) gates.onFailure(instance, SERVER_DOWN)
  assert.deepEqual(['a', 'b', 'never-used'].map(gates.isOpen), [false, false, false])
  for (let n = 0; n < 6; n++) {
    assert.ok(passUntilLook() <= 5000, 'the server is looked at every 5 s or sooner')
    assert.equal(looks.length, 1)
    await answer('a', { failure: SERVER_DOWN })
  }
  passUntilLook()
  await answer('a', OPEN)
  assert.deepEqual(['a', 'b', 'c'].map(gates.isOpen), [true, true, true])
  assert.deepEqual(opened, [undefined])
  assert.deepEqual(serverMoves, [true, false], 'told once when it goes and once when it is back')
})

test('an instance that was down before the server was is looked at when the server is back', async () => {
  gates.onFailure('sales', DOWN)
  gates.onFailure('other', SERVER_DOWN)
  while (looks.length < 2) pass(100)
  await answer('other', { failure: SERVER_DOWN })
  await answer('sales', { failure: SERVER_DOWN })
  passUntilLook()
  await answer('other', OPEN)
  assert.equal(gates.isOpen('sales'), false, 'only a look at it opens it')
  passUntilLook()
  await answer('sales', OPEN)
  assert.equal(gates.isOpen('sales'), true)
})

test('a server is not taken for gone because the instance that looked at it is deleted meanwhile', async () => {
  gates.onFailure('sales', SERVER_DOWN)
  passUntilLook()
  gates.forget('sales')
  await answer('sales', OPEN)
  assert.equal(gates.isOpen('other'), true)
})

test('when the instance that met the server away is deleted, another one finds out, and no gate opens by mistake', async () => {
  for (const instance of ['gone', 'other']) gates.onFailure(instance, SERVER_DOWN)
  unaskable.push('gone')
  gates.forget('gone')
  passUntilLook()
  assert.deepEqual([gates.isServerDown(), gates.isOpen('other')], [true, false])
  await answer('other', OPEN)
  assert.equal(gates.isOpen('other'), true)
})

test('with nobody to find out through, nothing goes until somebody is there who can', async () => {
  gates.onFailure('gone', SERVER_DOWN)
  gates.forget('gone')
  unaskable.push('gone')
  pass(60_000)
  assert.equal(gates.isServerDown(), false, 'nobody here can say')
  assert.deepEqual([looks, gates.isOpen('new')], [[], false])
  assert.equal(gates.isServerDown(), true)
  passUntilLook()
  await answer('new', OPEN)
  assert.equal(gates.isOpen('new'), true)
})

test('an instance that has gone to another consumer is looked at no more, and nothing is told of it', async () => {
  gates.onFailure('sales', DOWN)
  gates.onFailure('kept', DOWN)
  pass(500)
  foreign.push('sales')
  gates.forgetForeign()
  await answer('sales', { state: 'close' })
  await answer('kept', { state: 'close' })
  gates.onFailure('sales', DOWN)
  gates.onFailure('sales', { ...failure('configuration'), code: 'unauthorized' })
  for (let n = 0; n < 100; n++) pass(1000)
  assert.deepEqual(moved, [['kept', { state: 'close' }]])
  assert.deepEqual(
    looks.map(({ instance }) => instance),
    ['kept'],
  )
})

test('an instance that comes back begins with what is known of it, and its silence still holds', () => {
  gates.onFailure('sales', DOWN)
  gates.onFailure('silent', { ...failure('rate-limited'), retryAfterMs: 20_000 })
  foreign.push('sales', 'silent')
  gates.forgetForeign()
  foreign = []
  assert.deepEqual([gates.isOpen('sales'), gates.isOpen('silent')], [true, false])
  pass(20_001)
  assert.equal(gates.isOpen('silent'), true)
})

test('after a rate limit the instance is silent for as long as it was told, a minute when it was not', () => {
  gates.onFailure('told', { ...failure('rate-limited'), retryAfterMs: 20_000 })
  gates.onFailure('untold', failure('rate-limited'))
  pass(19_999)
  assert.deepEqual([gates.isOpen('told'), gates.isOpen('other')], [false, true])
  pass(2)
  assert.deepEqual([gates.isOpen('told'), gates.isOpen('untold')], [true, false])
  pass(40_000)
  assert.equal(gates.isOpen('untold'), true)
  assert.deepEqual(opened, ['told', 'untold'])
})

test('a shorter silence that is asked for later does not cut a longer one', () => {
  gates.onFailure('sales', { ...failure('rate-limited'), retryAfterMs: 20_000 })
  gates.onFailure('sales', { ...failure('rate-limited'), retryAfterMs: 1000 })
  pass(5000)
  assert.equal(gates.isOpen('sales'), false)
})

test('what is set up wrongly is reported and shut, and the report goes when it works again', async () => {
  gates.onFailure('sales', { ...failure('configuration'), code: 'unauthorized' })
  assert.equal(gates.isOpen('sales'), false)
  assert.deepEqual(moved, [['sales', { configurationError: 'unauthorized' }]])
  passUntilLook()
  await answer('sales', OPEN)
  assert.deepEqual(moved.at(-1), ['sales', { state: 'open', configurationError: undefined }])
})

test('what is seen is told, and an instance that loads counts as closed', async () => {
  gates.check('sales')
  await answer('sales', { state: 'loading' })
  assert.deepEqual(moved, [['sales', { state: 'close' }]])
  assert.equal(gates.isOpen('sales'), false)
})

test('failures that concern the message alone move no gate', () => {
  for (const kind of ['permanent', 'transient', 'ambiguous'] as const) gates.onFailure('sales', failure(kind))
  assert.equal(gates.isOpen('sales'), true)
})

test('nothing is looked at after the stop', async () => {
  gates.onFailure('sales', DOWN)
  gates.onFailure('other', SERVER_DOWN)
  gates.stop()
  pass(60_000)
  assert.deepEqual(looks, [])
})

function failure(kind: SendFailure['kind']): SendFailure {
  return { kind, code: kind, detail: 'as a test wants it' }
}

function pass(ms: number): void {
  now += ms
  mock.timers.tick(ms)
}

/** Ms that went by until something was looked at. */
function passUntilLook(): number {
  for (let waited = 0; waited <= 60_000; waited += 100) {
    if (looks.length > 0) return waited
    pass(100)
  }
  return assert.fail('nothing was looked at within a minute')
}

async function answer(instance: string, seen: Sighting): Promise<void> {
  const at = looks.findIndex((look) => look.instance === instance)
  assert.ok(at >= 0, `${instance} is looked at`)
  looks.splice(at, 1)[0]?.answer(seen)
  await Promise.resolve()
  await Promise.resolve()
}
