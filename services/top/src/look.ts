import { ApiError, type Client, dataOf, type Schemas } from '@whatsapp-sender/client'

export type Overview = Schemas['Overview']

/** What is known: the newest overview, if there ever was one, and what is wrong since. */
export type Look = Readonly<{ overview?: Overview; trouble?: string }>

/** Asking again does not help, and every guess of a password counts against its account. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code = 'refused'
}

/**
 * Asks the API; what was known stays while it does not answer.
 * @throws {RefusedError}
 */
export async function lookAgain(api: Client, last: Look, signal?: AbortSignal): Promise<Look> {
  try {
    return { overview: await readOverview(api, signal) }
  } catch (error) {
    if (statusOf(error) === 401) throw new RefusedError('the API refuses the e-mail address or the password')
    if (statusOf(error) === 403) throw new RefusedError('the account is no administrator')
    return { ...last, trouble: troubleOf(error) }
  }
}

/** A session may have been ended by somebody; the second call begins another one. */
async function readOverview(api: Client, signal: AbortSignal | undefined): Promise<Overview> {
  const read = () => dataOf(api.GET('/v1/admin/overview', signal ? { signal } : {}))
  try {
    return await read()
  } catch (error) {
    if (statusOf(error) !== 401) throw error
    return await read()
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof ApiError ? error.status : undefined
}

function troubleOf(error: unknown): string {
  return error instanceof ApiError ? `the API answers ${error.message}` : `the API does not answer: ${innermost(error)}`
}

/** What wraps it says only that something failed. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return innermost(error.cause)
  return error.message || ('code' in error ? String(error.code) : error.name)
}
