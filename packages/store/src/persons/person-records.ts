import { digitVariantsOf, isPhoneNumber, type Recipient } from '@whatsapp-sender/contract'
import type { Contact, Contacts } from '../contacts.ts'
import type { Instances } from '../instances.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { MessageRow } from '../ledger/message-row.ts'
import type { Suppression, Suppressions } from '../suppressions.ts'

/** Whose records: a user's own, or without `user` those of everybody. */
export type PersonScope = Readonly<{ number: Recipient; user?: string | undefined }>

/** One thing that is kept of a person. */
export type PersonRecord =
  | Readonly<{ kind: 'message'; message: MessageRow }>
  | Readonly<{ kind: 'contact'; instanceId: string; number: string; contact: Contact }>
  | Readonly<{ kind: 'suppression'; user: string; suppression: Suppression }>

export type PersonPlaces = Readonly<{
  ledger: Pick<Ledger, 'nextUserWithRows' | 'rowsTo'>
  contacts: Pick<Contacts, 'nextInstance' | 'find'>
  suppressions: Pick<Suppressions, 'nextUser' | 'find'>
  instances: Pick<Instances, 'idsOwnedBy'>
}>

/** Each form under which WhatsApp may know a number, as E.164, and so under which it may have been written. A JID has one. */
export function numbersOf(number: Recipient): string[] {
  if (!isPhoneNumber(number)) return [number]
  return digitVariantsOf(number).map((digits) => `+${digits}`)
}

/** All that is kept of a person, one by one: each place is walked by its index, a page at a time. */
export async function* readPerson(places: PersonPlaces, scope: PersonScope): AsyncGenerator<PersonRecord> {
  const numbers = numbersOf(scope.number)
  const acceptedUntil = new Date()
  for await (const user of usersOf(scope, places.ledger.nextUserWithRows)) {
    for await (const message of places.ledger.rowsTo({ user, numbers, acceptedUntil }))
      yield { kind: 'message', message }
  }
  for await (const instanceId of instancesOf(scope, places)) {
    for (const [number, contact] of await places.contacts.find(instanceId, numbers)) {
      yield { kind: 'contact', instanceId, number, contact }
    }
  }
  for await (const user of usersOf(scope, places.suppressions.nextUser)) {
    const suppression = await places.suppressions.find(user, scope.number)
    if (suppression !== undefined) yield { kind: 'suppression', user, suppression }
  }
}

/** The user himself, or all that a place knows. */
export async function* usersOf(
  { user }: PersonScope,
  next: (after: string) => Promise<string | undefined>,
): AsyncGenerator<string> {
  if (user !== undefined) yield user
  else yield* all(next)
}

/** Those of the user, deleted ones too, or all that contacts are known of. */
export async function* instancesOf(
  { user }: PersonScope,
  { instances, contacts }: Pick<PersonPlaces, 'instances'> & Readonly<{ contacts: Pick<Contacts, 'nextInstance'> }>,
): AsyncGenerator<string> {
  if (user !== undefined) yield* await instances.idsOwnedBy(user)
  else yield* all(contacts.nextInstance)
}

async function* all(next: (after: string) => Promise<string | undefined>): AsyncGenerator<string> {
  for (let at = await next(''); at !== undefined; at = await next(at)) yield at
}
