export type InTime<T> =
  | Readonly<{ kind: 'done'; value: T }>
  | Readonly<{ kind: 'failed'; error: unknown }>
  | Readonly<{ kind: 'overdue' }>

/** What became of `work` within `timeoutMs`. What is overdue goes on; its end is ignored. Never rejects. */
export async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<InTime<T>> {
  const overdue = Promise.withResolvers<InTime<T>>()
  const timer = setTimeout(() => overdue.resolve({ kind: 'overdue' }), Math.max(0, timeoutMs))
  const settled = work.then(
    (value): InTime<T> => ({ kind: 'done', value }),
    (error: unknown): InTime<T> => ({ kind: 'failed', error }),
  )
  const result = await Promise.race([settled, overdue.promise])
  clearTimeout(timer)
  return result
}
