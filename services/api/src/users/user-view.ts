import type { User } from '@whatsapp-sender/store'

export function userView({ id, email, fullname, status, role, createdAt, reason }: User) {
  return { id, email, fullname, status, role, createdAt, ...(reason !== undefined && { reason }) }
}
