/**
 * Waits for `work` with a heartbeat at once and every `everyMs`, so that the group keeps this member also over many short
 * tries. `work` must end by itself: heartbeats beside something stuck would hide it. Throws what `work` or `heartbeat`
 * throws; a heartbeat throws when the group rebalances, and `work` then goes on unwatched.
 */
export async function beating<T>(heartbeat: () => Promise<void>, work: Promise<T>, everyMs = 3000): Promise<T> {
  const done = work.then((value) => ({ value }))
  done.catch(() => {})
  for (;;) {
    await heartbeat()
    const ended = await within(done, everyMs)
    if (ended !== undefined) return ended.value
  }
}

async function within<T>(done: Promise<T>, ms: number): Promise<T | undefined> {
  const pause = Promise.withResolvers<undefined>()
  const timer = setTimeout(pause.resolve, ms, undefined)
  try {
    return await Promise.race([done, pause.promise])
  } finally {
    clearTimeout(timer)
  }
}
