import type { ManagedBy, OnAmbiguous, Role } from '@whatsapp-sender/contract'
import type { Permission } from './permissions.ts'

/** Who is calling, proven and approved. */
export type Principal = Readonly<{
  id: string
  email: string
  role: Role
  /** The API key he calls with; undefined: he has logged in. */
  key?: PrincipalKey | undefined
  /** A program that keeps instances as they are declared elsewhere: it may look at each, and change those it keeps. */
  manager?: ManagedBy | undefined
  /** What he wants done with a message that may have been sent, unless the message says otherwise. */
  onAmbiguous: OnAmbiguous
  /** Whether what becomes of his messages is told as events; undefined: as the installation has it. */
  eventFeed?: boolean | undefined
}>

/** What of its user's rights a key has. */
export type PrincipalKey = Readonly<{
  id: string
  scopes: ReadonlySet<Permission>
  /** Names of the instances it is limited to; undefined: all. */
  instances?: ReadonlySet<string>
}>

/** Whether a caller's key lets him use an instance of this name, if it is his. */
export function reaches({ key }: Pick<Principal, 'key'>, instance: string): boolean {
  return key?.instances === undefined || key.instances.has(instance)
}
