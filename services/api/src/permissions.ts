import type { Role, Scope } from '@whatsapp-sender/contract'

/**
 * What a route asks of its caller, each time he is authenticated. What is no scope is for people who have logged in:
 * `account` their own profile, sessions and keys; `messages:all` the messages of everybody.
 */
export type Permission = Scope | 'account' | 'messages:all' | 'undecodable' | 'users' | 'instances:adopt'

const VIEWER: readonly Permission[] = ['account', 'messages:read', 'instances:read']
const SENDER: readonly Permission[] = [...VIEWER, 'messages:send', 'instances:manage', 'webhooks:manage']
const OPERATOR: readonly Permission[] = [...SENDER, 'messages:all']
const ADMIN: readonly Permission[] = [...OPERATOR, 'undecodable', 'users', 'instances:adopt']

/** Which role may what: the one place that says it. */
const MAY: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(VIEWER),
  sender: new Set(SENDER),
  operator: new Set(OPERATOR),
  admin: new Set(ADMIN),
}

export function may({ role }: Readonly<{ role: Role }>, permission: Permission): boolean {
  return MAY[role].has(permission)
}
