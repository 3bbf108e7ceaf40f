/** Of an operation whose repetitions under a key are answered with what the first was: what its answers may be, too. */
export const ONCE_PROBLEMS = ['request-under-way', 'idempotency-key-reused'] as const

export const ONCE_HEADERS = ['Idempotency-Key'] as const
