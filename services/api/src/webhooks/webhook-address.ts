import { ProblemError } from '../http/problem.ts'

/** Says what is wrong with an address; undefined when it may be called. */
export type FindAddressFault = (url: string) => Promise<string | undefined>

/** @throws {ProblemError} 400 that names the field */
export async function callableOrRefuse(url: string, findFault: FindAddressFault): Promise<void> {
  const message = await findFault(url)
  if (message === undefined) return
  throw new ProblemError('invalid-request', `url: ${message}`, { errors: [{ field: 'url', message }] })
}
