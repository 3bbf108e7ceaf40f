import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { PRELOAD } from './preloads.ts'

const HOUR_MS = 3_600_000

test('a process with a shifted clock has another time of day, and seconds as long as everybody', async () => {
  const program = `
    const began = performance.now()
    setTimeout(() => console.log(JSON.stringify({
      now: Date.now(), made: new Date().getTime(), given: new Date(5).getTime(), date: new Date() instanceof Date,
      tookMs: performance.now() - began,
    })), 20)`
  const { stdout, exit } = run(program, PRELOAD.clockOffset(-HOUR_MS))
  const said: Record<string, number | boolean> = JSON.parse(await stdout)
  await exit
  const { now, made, given, date, tookMs } = said
  for (const each of [now, made]) assert.ok(Math.abs(Number(each) + HOUR_MS - Date.now()) < 60_000)
  assert.deepEqual([given, date], [5, true])
  assert.ok(Number(tookMs) >= 19 && Number(tookMs) < 5000)
})

test('the event loop of a process stands still when it is told to, and goes on', async () => {
  const program = `
    let last = performance.now(), gap = 0
    setInterval(() => { const now = performance.now(); gap = Math.max(gap, now - last); last = now
      if (gap > 250) { console.log(gap); process.exit(0) } }, 5)
    process.stderr.write('up')`
  const { child, stdout, exit } = run(program, PRELOAD.stall(300))
  if (child.stderr !== null) await once(child.stderr, 'data')
  child.kill('SIGUSR2')
  assert.ok(Number(await stdout) >= 290)
  await exit
})

function run(program: string, env: Readonly<Record<string, string>>) {
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { stdout } = child
  if (stdout === null) throw new Error('no pipe')
  return { child, stdout: text(stdout), exit: once(child, 'exit') }
}
