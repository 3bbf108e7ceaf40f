import type { OnAmbiguous, Role } from '@whatsapp-sender/contract'

/** Who is calling, proven and approved. */
export type Principal = Readonly<{
  id: string
  email: string
  role: Role
  /** What he wants done with a message that may have been sent, unless the message says otherwise. */
  onAmbiguous: OnAmbiguous
  /** Whether what becomes of his messages is told as events; undefined: as the installation has it. */
  eventFeed?: boolean | undefined
}>
