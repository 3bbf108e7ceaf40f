import type { User } from '@whatsapp-sender/store'

export function userView({ id, email, fullname, status, role, createdAt, reason, eventFeed }: User) {
  return {
    id,
    email,
    fullname,
    status,
    role,
    createdAt,
    ...(reason !== undefined && { reason }),
    ...(eventFeed !== undefined && { eventFeed }),
  }
}
