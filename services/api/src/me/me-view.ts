import type { User } from '@whatsapp-sender/store'

/** A user as he sees himself. */
export function meView({ id, email, fullname, role, onAmbiguous, eventFeed, createdAt }: User) {
  return { id, email, fullname, role, onAmbiguous, eventFeed: eventFeed ?? null, createdAt }
}
