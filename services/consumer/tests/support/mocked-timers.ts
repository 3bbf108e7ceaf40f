import { mock } from 'node:test'

const realImmediate = setImmediate

/** What has been begun goes on, whatever timers are mocked. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => realImmediate(resolve))
}

/** Mocked timers of so many milliseconds fire, and what they begin goes on. */
export async function tick(ms: number): Promise<void> {
  for (let n = 0; n < 3; n++) {
    mock.timers.tick(n === 0 ? ms : 0)
    await turn()
  }
}
