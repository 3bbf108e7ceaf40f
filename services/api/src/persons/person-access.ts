import type { Authenticate } from '../http/authenticate.ts'
import type { Permission } from '../permissions.ts'

/** Whose records a route is about: those of its caller, or everybody's. */
export type Whose = 'own' | 'everybody'

type Call = Readonly<{ req: Parameters<Authenticate>[0]; res: Parameters<Authenticate>[1]; own: Permission }>

/**
 * The caller, and whose records he is answered with; `user` undefined: everybody's.
 * @throws {ProblemError} 401, 403, 429, 503
 */
export async function callerOf(
  o: Readonly<{ authenticate: Authenticate; whose: Whose }>,
  { req, res, own }: Call,
): Promise<Readonly<{ by: string; user: string | undefined }>> {
  const { id } = await o.authenticate(req, res, o.whose === 'own' ? own : 'persons')
  return { by: id, user: o.whose === 'own' ? id : undefined }
}
