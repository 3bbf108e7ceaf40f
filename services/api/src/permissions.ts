import { type Role, SCOPES, type Scope } from '@whatsapp-sender/contract'

/**
 * What a route asks of its caller, each time he is authenticated. What is no scope is for people who have logged in:
 * `account` their own profile, sessions and keys; `messages:all` the messages of everybody; `persons` all that is kept
 * of somebody who is written to; `administration` how the installation does.
 */
export type Permission =
  | Scope
  | 'account'
  | 'messages:all'
  | 'undecodable'
  | 'users'
  | 'audit'
  | 'persons'
  | 'administration'
  | 'instances:adopt'
  | 'evolution-servers'

const VIEWER: readonly Permission[] = ['account', 'messages:read', 'instances:read']
const SENDER: readonly Permission[] = [...VIEWER, 'messages:send', 'instances:manage', 'webhooks:manage']
const OPERATOR: readonly Permission[] = [...SENDER, 'messages:all']
const ADMIN: readonly Permission[] = [
  ...OPERATOR,
  'undecodable',
  'users',
  'audit',
  'persons',
  'administration',
  'instances:adopt',
  'evolution-servers',
]

/** Which role may what: the one place that says it. */
const MAY: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(VIEWER),
  sender: new Set(SENDER),
  operator: new Set(OPERATOR),
  admin: new Set(ADMIN),
}

/** Whoever asks, by his role and by the key he calls with, if any. */
type Asking = Readonly<{ role: Role; key?: Readonly<{ scopes: ReadonlySet<Permission> }> | undefined }>

/** A key never may more than its user. */
export function may({ role, key }: Asking, permission: Permission): boolean {
  return MAY[role].has(permission) && (key === undefined || key.scopes.has(permission))
}

export function isScope(permission: Permission): boolean {
  return SCOPE_NAMES.has(permission)
}

const SCOPE_NAMES: ReadonlySet<string> = new Set(SCOPES)
