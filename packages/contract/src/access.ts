/** What somebody is to the installation; from the one who may most. */
export const ROLES = ['admin', 'operator', 'sender', 'viewer'] as const
export type Role = (typeof ROLES)[number]

/** The role that a row of `users` means: one without a role, and one that calls it `user`, is a sender's. */
export function roleOf(stored: string | undefined): Role {
  return ROLES.find((role) => role === stored) ?? 'sender'
}

/**
 * What the owner of an instance can let others do with it, each including those before: see its state, send through it,
 * and connect, pause and set it up as he does.
 */
export const INSTANCE_ACCESS = ['view', 'send', 'manage'] as const
export type InstanceAccess = (typeof INSTANCE_ACCESS)[number]

/** What an API key can be made for. */
export const SCOPES = [
  'messages:send',
  'messages:read',
  'instances:read',
  'instances:manage',
  'webhooks:manage',
] as const
export type Scope = (typeof SCOPES)[number]
