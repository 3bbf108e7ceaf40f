import type { Contact, Contacts, PaceAccount, PaceAccounts } from '@whatsapp-sender/store'

type Kept = { -readonly [key in keyof PaceAccount]: PaceAccount[key] } & { holder?: string; lastAt?: number }

/** Pace accounts as the database keeps them, in memory. */
export function createSimulatedAccounts() {
  const kept = new Map<string, Kept>()
  let takers = 0
  const of = (id: string): Kept => {
    const account = kept.get(id) ?? { reserved: 0, newReserved: 0 }
    kept.set(id, account)
    return account
  }
  const turn = (account: Kept, day: string): void => {
    if (account.day !== undefined && account.day >= day) return
    Object.assign(account, { day, reserved: 0, newReserved: 0 })
  }
  const accounts: Pick<PaceAccounts, 'find' | 'take' | 'reserve' | 'release' | 'silence'> = {
    find: async (ids) => new Map(ids.filter((id) => kept.has(id)).map((id) => [id, { ...of(id) }])),
    take: async (ids) => {
      takers += 1
      const token = `token-${takers}`
      const taken = ids.map((id) => {
        const account = of(id)
        const startFrom = account.lastAt
        Object.assign(account, { holder: token, lastAt: undefined })
        return [id, { ...account, startFrom }] as const
      })
      return { token, accounts: new Map(taken) }
    },
    reserve: async (id, kind, { day, want, cap, warmsUp }) => {
      const account = of(id)
      turn(account, day)
      if (warmsUp) account.warmUpFrom ??= day
      const field = kind === 'all' ? 'reserved' : 'newReserved'
      const granted = account.day === day ? Math.max(0, Math.min(want, cap - account[field])) : 0
      account[field] += granted
      return { granted, account: { ...account } }
    },
    release: async (rests) => {
      for (const { instanceId, token, lastAt, day, unused, newUnused } of rests) {
        const account = of(instanceId)
        if (token !== undefined && account.holder === token && lastAt !== undefined) account.lastAt = lastAt
        if (account.day !== day) continue
        account.reserved = Math.max(0, account.reserved - unused)
        account.newReserved = Math.max(0, account.newReserved - newUnused)
      }
    },
    silence: async (id, until, slowTo) => {
      const account = of(id)
      if (until > (account.notBefore ?? 0)) Object.assign(account, { notBefore: until, slowTo })
    },
  }
  return { ...accounts, of }
}

/** Contacts in memory; `asked` counts the questions, `recorded` the sends that were written. */
export function createSimulatedContacts() {
  const kept = new Map<string, Contact>()
  const contacts = {
    asked: 0,
    recorded: 0,
    kept,
    find: async (instanceId: string, numbers: readonly string[]) => {
      contacts.asked += 1
      return new Map(
        numbers.flatMap((number) => {
          const contact = kept.get(`${instanceId}/${number}`)
          return contact === undefined ? [] : [[number, contact] as const]
        }),
      )
    },
    record: async (sends: Parameters<Contacts['record']>[0]) => {
      contacts.recorded += sends.length
      for (const { instanceId, number, at, remoteJid } of sends) {
        const known = kept.get(`${instanceId}/${number}`)
        kept.set(`${instanceId}/${number}`, {
          firstSentAt: known?.firstSentAt ?? at,
          lastSentAt: Math.max(known?.lastSentAt ?? 0, at),
          remoteJid: remoteJid ?? known?.remoteJid,
        })
      }
    },
  }
  return contacts
}
