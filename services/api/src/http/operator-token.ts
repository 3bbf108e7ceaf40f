import { createHash, timingSafeEqual } from 'node:crypto'
import type { Principal } from '../principal.ts'

/** Who shows the operator's token; undefined: somebody else. */
export type IdentifyOperator = (authorization: string) => Principal | undefined

/**
 * The Kubernetes operator: no account, so nobody can log in as it, and no rights but those it needs for the instances that
 * it keeps. The audit log names it by its id.
 */
const KUBERNETES: Principal = {
  id: 'kubernetes',
  email: 'kubernetes',
  role: 'admin',
  key: {
    id: 'kubernetes',
    scopes: new Set(['instances:read', 'instances:manage', 'instances:adopt', 'evolution-servers']),
  },
  manager: 'kubernetes',
  onAmbiguous: 'resend',
}

/** @param token undefined: there is no operator */
export function createIdentifyOperator(token: string | undefined): IdentifyOperator {
  if (token === undefined) return () => undefined
  const expected = digestOf(token)
  return (authorization) => {
    const shown = BEARER.exec(authorization)?.[1]
    // Digests are of one length, whatever is shown, and tell nothing of how much of it is right.
    return shown !== undefined && timingSafeEqual(digestOf(shown), expected) ? KUBERNETES : undefined
  }
}

const BEARER = /^bearer +(\S+)$/i

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
