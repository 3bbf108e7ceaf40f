import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import type { SendFailure } from '@whatsapp-sender/contract'
import { createGates, type Gates, type Sighting } from './gates.ts'

const DOWN = failure('instance-down')
const SERVER_DOWN = { ...failure('server-down'), ofServer: true } as const
const SENT = { kind: 'sent', providerMessageId: 'A1', remoteJid: undefined } as const
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
/** Instances with something to send, which ask whenever they may. */
let wanting: string[]
/** Servers of instances that are elsewhere than the others. */
let servers: Map<string, string>

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
  wanting = []
  servers = new Map()
  gates = createGates({
    serverOf: (instance) => servers.get(instance) ?? 'default',
    look: (instance) => new Promise((answer) => looks.push({ instance, answer })),
    canLook: (instance) => !unaskable.includes(instance),
    isMine: (instance) => !foreign.includes(instance),
    isKnownOpen: (instance) => !knownShut.includes(instance),
    clock: { monotonic: () => now },
    onOpen: (instance) => {
      opened.push(instance)
      for (const each of wanting) gates.isOpen(each)
    },
    onServerMoved: () => serverMoves.push(isServerDown()),
    onMoved: (instance, seen) => moved.push([instance, seen]),
  })
})
afterEach(() => {
  gates.stop()
  mock.timers.reset()
})

test('shut are those of this process that are not open', () => {
  fails('sales', DOWN)
  fails('lent', DOWN)
  assert.equal(gates.isOpen('other'), true)
  assert.equal(gates.shut(), 2)
  foreign.push('lent')
  assert.equal(gates.shut(), 1)
  assert.deepEqual(gates.mine(), [
    { instance: 'sales', isOpen: false },
    { instance: 'other', isOpen: true },
  ])
})

test('an instance that is down shuts its own gate only, and a look that finds it open opens it', async () => {
  fails('sales', DOWN)
  assert.deepEqual([gates.isOpen('sales'), gates.isOpen('other')], [false, true])
  pass(500)
  await answer('sales', OPEN)
  assert.equal(gates.isOpen('sales'), true)
  assert.deepEqual(opened, ['sales'])
})

test('looks at an instance that stays down come ever later, at least every 30 s', async () => {
  fails('sales', DOWN)
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
  fails('sales', DOWN)
  for (let n = 0; n < 8; n++) {
    passUntilLook()
    await answer('sales', { state: 'connecting' })
  }
  gates.check('sales')
  await answer('sales', OPEN)
  assert.equal(gates.isOpen('sales'), true)
})

test('five faults of the server in a row shut every gate, and a look that is answered lets one message through', async () => {
  fails('a', SERVER_DOWN, 4)
  sends('b')
  fails('a', SERVER_DOWN, 4)
  assert.equal(gates.isOpen('b'), true)
  fails('a', SERVER_DOWN)
  assert.deepEqual(['a', 'b', 'never-used'].map(gates.isOpen), [false, false, false])
  assert.equal(gates.begin('b'), undefined)
  assert.equal(isServerDown(), true)
  pass(500)
  await answerAny(OPEN)
  assert.deepEqual(['b', 'a', 'b'].map(gates.isOpen), [true, false, true], 'whoever asks first')
  const trial = gates.begin('b') ?? assert.fail('it may begin')
  assert.deepEqual(['b', 'a'].map(gates.isOpen), [false, false], 'one message, not two')
  gates.onResult('b', SENT, trial)
  assert.deepEqual(['a', 'b'].map(gates.isOpen), [true, true])
  assert.deepEqual(serverMoves, [true, false, true, false], 'told when it holds what waits, and when not')
})

test('a message that fails as the one to try the server shuts it again, ever longer, 10 s at most', async () => {
  fails('a', SERVER_DOWN, 5)
  const waits: number[] = []
  for (let n = 0; n < 7; n++) {
    waits.push(passUntilLook())
    await answerAny(OPEN)
    assert.equal(gates.isOpen('b'), true)
    fails('b', SERVER_DOWN)
    assert.equal(gates.isOpen('b'), false)
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 10_000, 10_000])
})

test('while looks are not answered no message is tried, and they come every 5 s or sooner', async () => {
  for (const instance of ['a', 'b', 'c']) fails(instance, SERVER_DOWN, 2)
  const asked: (string | undefined)[] = []
  for (let n = 0; n < 8; n++) {
    assert.ok(passUntilLook() <= 5000)
    assert.equal(looks.length, 1)
    asked.push(looks[0]?.instance)
    await answerAny({ failure: SERVER_DOWN })
    assert.deepEqual(['a', 'b', 'c'].map(gates.isOpen), [false, false, false])
  }
  assert.deepEqual(asked.slice(0, 4), ['a', 'b', 'c', 'a'], 'one that hangs does not stand for all')
})

test('an answer about something else neither proves the server well nor ill: the next message tries it', async () => {
  fails('a', SERVER_DOWN, 5)
  passUntilLook()
  await answerAny(OPEN)
  assert.equal(gates.isOpen('b'), true)
  fails('b', failure('permanent'))
  assert.deepEqual([gates.isOpen('c'), gates.isOpen('b')], [true, false])
})

test('who met the last fault tries the server only when nobody else has anything to send', async () => {
  wanting = ['a', 'b']
  fails('a', SERVER_DOWN, 5)
  passUntilLook()
  await answerAny(OPEN)
  assert.deepEqual(['a', 'b'].map(gates.isOpen), [false, true])
  fails('b', SERVER_DOWN)
  wanting = ['b']
  passUntilLook()
  await answerAny(OPEN)
  assert.equal(gates.isOpen('b'), true)
})

test('an instance that was let through and begins nothing makes room for another within a second, and is asked again', async () => {
  wanting = ['idle', 'busy']
  fails('other', SERVER_DOWN, 5)
  passUntilLook()
  await answerAny(OPEN)
  assert.deepEqual(['busy', 'idle'].map(gates.isOpen), [false, true])
  pass(1000)
  assert.deepEqual(['busy', 'idle'].map(gates.isOpen), [true, false])
  pass(1000)
  assert.deepEqual(['busy', 'idle'].map(gates.isOpen), [false, true])
})

test('an instance that tries the server and hangs lets another try within six seconds, and may still be the one that opens it', async () => {
  wanting = ['hung', 'busy']
  fails('other', SERVER_DOWN, 5)
  passUntilLook()
  await answerAny(OPEN)
  const hung = gates.begin('hung') ?? assert.fail('it may begin')
  pass(1000)
  pass(4900)
  assert.deepEqual(['hung', 'busy'].map(gates.isOpen), [false, false])
  pass(100)
  assert.deepEqual(['hung', 'busy'].map(gates.isOpen), [false, true])
  gates.begin('busy')
  for (let n = 0; n < 60; n++) pass(1000)
  assert.deepEqual(['hung', 'busy'].map(gates.isOpen), [false, false], 'no second one of either')
  gates.onResult('hung', SENT, hung)
  assert.deepEqual(['hung', 'busy'].map(gates.isOpen), [true, true])
})

test('what was begun before the server was shut says nothing when it ends later', async () => {
  const early = [0, 1, 2, 3, 4, 5].map(() => gates.begin('slow') ?? assert.fail('it may begin'))
  fails('a', SERVER_DOWN, 5)
  for (const each of early) gates.onResult('slow', SENT, each)
  assert.equal(gates.isOpen('b'), false, 'sent before, or without its database: who knows')
  passUntilLook()
  await answerAny(OPEN)
  sends('b')
  for (const each of early) gates.onResult('slow', { kind: 'failed', failure: SERVER_DOWN }, each)
  assert.equal(gates.isOpen('b'), true)
})

test('half of twenty answers within ten seconds shut the server, though never five in a row', () => {
  for (let n = 0; n < 9; n++) {
    sends('a')
    fails('a', SERVER_DOWN)
  }
  pass(11_000)
  for (let n = 0; n < 9; n++) {
    sends('a')
    fails('a', SERVER_DOWN)
    pass(1000)
  }
  assert.equal(gates.isOpen('a'), true)
  sends('b')
  assert.equal(gates.isOpen('b'), true)
  fails('b', SERVER_DOWN)
  assert.equal(gates.isOpen('b'), false)
})

test('while the server is shut instances that are down are not looked at one by one', async () => {
  for (const instance of ['a', 'b', 'c']) fails(instance, DOWN)
  fails('other', SERVER_DOWN, 5)
  for (let n = 0; n < 20; n++) {
    pass(500)
    assert.ok(looks.length <= 1)
    while (looks.length > 0) await answerAny({ failure: SERVER_DOWN })
  }
})

test('an instance that was down before the server was is looked at when the server is back', async () => {
  fails('sales', DOWN)
  fails('other', SERVER_DOWN, 5)
  while (looks.length < 1) pass(100)
  await answerAny({ failure: SERVER_DOWN })
  pass(20_000)
  while (looks.length > 0) await answerAny(OPEN)
  sends('other')
  assert.equal(gates.isOpen('other'), true)
  if (!gates.isOpen('sales')) {
    passUntilLook()
    await answer('sales', OPEN)
  }
  assert.equal(gates.isOpen('sales'), true)
})

test('a server is not taken for gone because the instance that looked at it is deleted meanwhile', async () => {
  fails('sales', SERVER_DOWN, 5)
  gates.isOpen('sales')
  passUntilLook()
  gates.forget('sales')
  await answer('sales', OPEN)
  assert.equal(gates.isOpen('other'), true)
})

test('with nobody to find out through, nothing goes until somebody is there who can', async () => {
  fails('gone', SERVER_DOWN, 5)
  gates.forget('gone')
  unaskable.push('gone')
  for (let n = 0; n < 60; n++) {
    pass(1000)
    await settled()
  }
  assert.equal(isServerDown(), false, 'nobody here can say')
  assert.deepEqual([looks, gates.isOpen('new')], [[], false])
  assert.equal(isServerDown(), true)
  passUntilLook()
  await answer('new', OPEN)
  assert.equal(gates.isOpen('new'), true)
})

test('an instance that has gone to another consumer is looked at no more, and nothing is told of it', async () => {
  fails('sales', DOWN)
  fails('kept', DOWN)
  pass(500)
  foreign.push('sales')
  gates.forgetForeign()
  await answer('sales', { state: 'close' })
  await answer('kept', { state: 'close' })
  fails('sales', DOWN)
  fails('sales', { ...failure('configuration'), code: 'unauthorized' })
  for (let n = 0; n < 100; n++) pass(1000)
  assert.deepEqual(moved, [['kept', { state: 'close' }]])
  assert.deepEqual(
    looks.map(({ instance }) => instance),
    ['kept'],
  )
})

test('an instance that comes back begins with what is known of it', () => {
  fails('sales', DOWN)
  foreign.push('sales')
  gates.forgetForeign()
  foreign = []
  assert.equal(gates.isOpen('sales'), true)
})

test('a rate limit shuts no gate: silence is a matter of pace', () => {
  fails('sales', failure('rate-limited'))
  assert.equal(gates.isOpen('sales'), true)
})

test('what is set up wrongly is reported and shut, and the report goes when it works again', async () => {
  fails('sales', { ...failure('configuration'), code: 'instance-missing' })
  assert.equal(gates.isOpen('sales'), false)
  assert.deepEqual(moved, [['sales', { configurationError: 'instance-missing' }]])
  passUntilLook()
  await answer('sales', OPEN)
  assert.deepEqual(moved.at(-1), ['sales', { state: 'open', configurationError: undefined }])
})

test('a key that is refused holds the instance, and is called wrong only when a look says so too', async () => {
  const refused = { ...failure('configuration'), code: 'unauthorized' }
  fails('sales', refused)
  assert.deepEqual([gates.isOpen('sales'), moved], [false, []])
  passUntilLook()
  await answer('sales', { failure: SERVER_DOWN })
  assert.deepEqual([gates.isOpen('sales'), moved], [false, []], 'the database of Evolution was away')
  passUntilLook()
  await answer('sales', { failure: refused })
  assert.deepEqual(moved, [['sales', { configurationError: 'unauthorized' }]])
})

test('what only a send can show to be wrong stays reported until a message is sent', async () => {
  fails('sales', { ...failure('configuration'), code: 'meta-access-refused' })
  passUntilLook()
  await answer('sales', OPEN)
  assert.deepEqual(moved, [
    ['sales', { configurationError: 'meta-access-refused' }],
    ['sales', { state: 'open' }],
  ])
  sends('sales')
  assert.deepEqual(moved.at(-1), ['sales', { configurationError: undefined }])
})

test('an instance that says it is open while its sends fail is tried ever later, at least every 30 s', async () => {
  const waits: number[] = []
  for (let n = 0; n < 8; n++) {
    fails('sales', DOWN)
    waits.push(passUntilLook())
    await answer('sales', OPEN)
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  sends('sales')
  fails('sales', DOWN)
  assert.equal(passUntilLook(), 500)
})

test('what is seen is told, and an instance that loads counts as closed', async () => {
  gates.check('sales')
  await answer('sales', { state: 'loading' })
  assert.deepEqual(moved, [['sales', { state: 'close' }]])
  assert.equal(gates.isOpen('sales'), false)
})

test('failures that concern the message alone move no gate, however many', () => {
  for (const kind of ['permanent', 'transient', 'ambiguous'] as const) fails('sales', failure(kind), 30)
  assert.equal(gates.isOpen('sales'), true)
})

test('nothing is looked at after the stop', async () => {
  fails('sales', DOWN)
  fails('other', SERVER_DOWN, 5)
  gates.stop()
  pass(60_000)
  assert.deepEqual(looks, [])
})

test('faults of one server hold the instances that are there, and those of others go on', async () => {
  servers.set('b', 'second')
  fails('b', SERVER_DOWN, 5)
  assert.deepEqual(['a', 'b'].map(gates.isOpen), [true, false])
  assert.deepEqual([gates.serversDown(), gates.isServerDown('a'), gates.isServerDown('b')], [['second'], false, true])
  sends('a')
  passUntilLook()
  await answer('b', OPEN)
  assert.equal(gates.isOpen('b'), true, 'it is looked at through an instance of its own')
  sends('b')
  assert.deepEqual(gates.serversDown(), [])
})

test('an answer of a server that its instance has left by being deleted says nothing of another', () => {
  servers.set('b', 'second')
  gates.isOpen('a')
  const begun = [0, 1, 2, 3, 4].map(() => gates.begin('b') ?? assert.fail('it may begin'))
  servers.delete('b')
  for (const each of begun) gates.onResult('b', { kind: 'failed', failure: SERVER_DOWN }, each)
  assert.equal(gates.isOpen('a'), true)
})

function isServerDown(): boolean {
  return gates.serversDown().length > 0
}

function fails(instance: string, why: SendFailure, times = 1): void {
  gates.isOpen(instance)
  for (let n = 0; n < times; n++) gates.onResult(instance, { kind: 'failed', failure: why }, gates.begin(instance) ?? 0)
}

function sends(instance: string): void {
  gates.isOpen(instance)
  gates.onResult(instance, SENT, gates.begin(instance) ?? assert.fail(`${instance} may not begin`))
}

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

async function answerAny(seen: Sighting): Promise<void> {
  await answer(looks[0]?.instance ?? assert.fail('somebody looks'), seen)
}

async function answer(instance: string, seen: Sighting): Promise<void> {
  const at = looks.findIndex((look) => look.instance === instance)
  assert.ok(at >= 0, `${instance} is looked at`)
  looks.splice(at, 1)[0]?.answer(seen)
  await settled()
}

async function settled(): Promise<void> {
  for (let n = 0; n < 5; n++) await Promise.resolve()
}
