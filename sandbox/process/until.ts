import { setTimeout as wait } from 'node:timers/promises'

/** Asks again until the answer is not undefined; the error names what was waited for. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = 60_000, everyMs = 50 }: Readonly<{ timeoutMs?: number; everyMs?: number }> = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`)
    await wait(everyMs)
  }
}
