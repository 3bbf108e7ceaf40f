/** Who else may use an instance: kept in its row, so that whoever has the instance in memory knows it. */
import type { InstanceAccess } from '@whatsapp-sender/contract'
import { trusted } from 'mongoose'

/** `active`: its user's account is approved. */
export type InstanceShare = Readonly<{ user: string; access: InstanceAccess; active: boolean }>

export const INSTANCE_SHARES_MAX = 50

const RANKS: Readonly<Record<InstanceAccess | 'owner', number>> = { view: 1, send: 2, manage: 3, owner: 4 }

type Shared = Readonly<{ owner: string; ownerActive: boolean; shares?: readonly InstanceShare[] }>

/** What a user may do with an instance; undefined: for him it does not exist. */
export function accessOf(
  { owner, ownerActive, shares = [] }: Shared,
  user: string,
): InstanceAccess | 'owner' | undefined {
  if (owner === user) return 'owner'
  return ownerActive ? shares.find((share) => share.user === user && share.active)?.access : undefined
}

/** Each access includes those below it: `view`, `send`, `manage`, `owner`. */
export function mayUse(instance: Shared, user: string, need: InstanceAccess): boolean {
  const access = accessOf(instance, user)
  return access !== undefined && RANKS[access] >= RANKS[need]
}

/** The row that a share fits into, and the stage that puts it there, in the place of the one its user had. */
export function shareUpdate(id: string, { user, access }: Pick<InstanceShare, 'user' | 'access'>) {
  const others = {
    $filter: { input: { $ifNull: ['$shares', []] }, cond: { $ne: ['$$this.user', { $literal: user }] } },
  }
  const share = { user: { $literal: user }, access: { $literal: access }, active: true }
  const hasRoom = { $expr: trusted({ $lt: [{ $size: { $ifNull: ['$shares', []] } }, INSTANCE_SHARES_MAX] }) }
  return {
    filter: { _id: id, live: true as const, $or: [{ 'shares.user': user }, hasRoom] },
    stage: { $set: { shares: { $concatArrays: [others, [share]] } } },
  }
}

/** All who may send through it, whether their accounts are approved or not. */
export function sendersOf({ owner, shares = [] }: Pick<Shared, 'owner' | 'shares'>): string[] {
  return [owner, ...shares.filter(({ access }) => RANKS[access] >= RANKS.send).map(({ user }) => user)]
}
