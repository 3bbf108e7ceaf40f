import type { CampaignRows } from '../campaigns/campaign-rows.ts'
import type { Campaigns } from '../campaigns/campaigns.ts'
import type { Contacts } from '../contacts.ts'
import { type Events, WEBHOOK_READER } from '../events/events.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Suppressions } from '../suppressions.ts'
import type { WebhookDeliveries } from '../webhooks/webhook-deliveries.ts'
import type { WebhookEndpoints } from '../webhooks/webhook-endpoints.ts'
import type { ErasureChange, HeldErasure } from './person-erasures.ts'
import { instancesOf, numbersOf, type PersonPlaces, usersOf } from './person-records.ts'

export type ErasurePlaces = Readonly<{
  campaigns: Pick<Campaigns, 'nextWithRows' | 'noteErased'>
  campaignRows: Pick<CampaignRows, 'eraseTo'>
  ledger: Pick<Ledger, 'nextUserWithRows' | 'cancelAllTo' | 'closeRowsTo' | 'closedRowsTo' | 'emptyRows'>
  events: Pick<Events, 'head' | 'position' | 'erase'>
  webhookEndpoints: Pick<WebhookEndpoints, 'listOf'>
  webhookDeliveries: Pick<WebhookDeliveries, 'removeOfMessages'>
  contacts: Pick<Contacts, 'nextInstance' | 'erase'>
  suppressions: Pick<Suppressions, 'nextUser' | 'remove'>
  instances: PersonPlaces['instances']
}>

/** Messages that one step empties. */
const EMPTIED_AT_ONCE = 200

/** Rows of a campaign that one step looks through. */
const ROWS_AT_ONCE = 20_000

/** What a step came to; `wait`: it cannot go on yet, for something else has to happen first. */
export type ErasureStep = Readonly<{ change: ErasureChange; wait: boolean }>

/** The next bounded step of an erasure. Repeating one is safe. */
export async function eraseStep(places: ErasurePlaces, erasure: HeldErasure): Promise<ErasureStep> {
  switch (erasure.stage) {
    case 'rows':
      return await eraseRows(places, erasure)
    case 'closing':
      return await closeNext(places, erasure)
    case 'settling':
      return await settle(places, erasure)
    case 'emptying':
      return await emptyNext(places, erasure)
    case 'done':
      return { change: {}, wait: false }
  }
}

/** The place is the campaign that was done last and, after a space, the last row of the next one that was looked at. */
async function eraseRows(places: ErasurePlaces, { user, number, place, counts }: HeldErasure): Promise<ErasureStep> {
  const [done = '', row = ''] = place.split(' ')
  const campaign = await places.campaigns.nextWithRows(done, user)
  if (campaign === undefined) return go({ stage: 'closing', place: '', fedUntil: new Date() })
  const { id, upload } = campaign
  // Another file may have come meanwhile.
  const after = row.startsWith(`${upload}/`) ? row : ''
  const { erased, last } = await places.campaignRows.eraseTo(upload, numbersOf(number), { after, limit: ROWS_AT_ONCE })
  if (erased > 0) await places.campaigns.noteErased(campaign, erased)
  return go({ place: last === undefined ? id : `${done} ${last}`, counts: { ...counts, rows: counts.rows + erased } })
}

async function closeNext(places: ErasurePlaces, erasure: HeldErasure): Promise<ErasureStep> {
  const { counts } = erasure
  const user = await nextUser(places, erasure)
  if (user === undefined) return go({ stage: 'settling', place: '', head: await places.events.head() })
  const which = messagesOf(erasure, user)
  const cancelled = counts.cancelled + (await places.ledger.cancelAllTo(which, erasure.by))
  const left = erasure.left + (await places.ledger.closeRowsTo(which))
  return go({ place: user, left, counts: { ...counts, cancelled } })
}

/** A delivery that is made after the others were removed would hold the number for a week. */
async function settle(places: ErasurePlaces, { head = 0 }: HeldErasure): Promise<ErasureStep> {
  const isSettled = (await places.events.position(WEBHOOK_READER)) >= head
  return isSettled ? go({ stage: 'emptying' }) : { change: {}, wait: true }
}

async function emptyNext(places: ErasurePlaces, erasure: HeldErasure): Promise<ErasureStep> {
  const { counts } = erasure
  const user = await nextUser(places, erasure)
  if (user === undefined) return await endRound(places, erasure)
  const ids = await places.ledger.closedRowsTo(messagesOf(erasure, user), EMPTIED_AT_ONCE)
  if (ids.length > 0) {
    await places.events.erase(ids)
    const endpoints = await places.webhookEndpoints.listOf(user)
    await places.webhookDeliveries.removeOfMessages(
      endpoints.map(({ id }) => id),
      ids,
    )
    // Last: until then the rows are found by their number.
    await places.ledger.emptyRows(ids)
  }
  const messages = counts.messages + ids.length
  return go({ ...(ids.length < EMPTIED_AT_ONCE && { place: user }), counts: { ...counts, messages } })
}

async function endRound(places: ErasurePlaces, erasure: HeldErasure): Promise<ErasureStep> {
  // An attempt ends, or an event is copied; then there is one more to close.
  if (erasure.left > 0) return { change: { stage: 'closing', place: '', left: 0 }, wait: true }
  const { counts, number, withSuppressions } = erasure
  let { contacts, suppressions } = counts
  for await (const instanceId of instancesOf(erasure, places)) {
    contacts += await places.contacts.erase(instanceId, numbersOf(number))
  }
  if (withSuppressions) {
    for await (const user of usersOf(erasure, places.suppressions.nextUser)) {
      if (await places.suppressions.remove(user, number)) suppressions += 1
    }
  }
  return go({ stage: 'done', counts: { ...counts, contacts, suppressions } })
}

/** After the one who was done last. */
async function nextUser({ ledger }: ErasurePlaces, { user, place }: HeldErasure): Promise<string | undefined> {
  if (user === undefined) return await ledger.nextUserWithRows(place)
  return place === '' ? user : undefined
}

function messagesOf({ number, createdAt, fedUntil }: HeldErasure, user: string) {
  return { user, numbers: numbersOf(number), acceptedUntil: createdAt, fedUntil }
}

function go(change: ErasureChange): ErasureStep {
  return { change, wait: false }
}
