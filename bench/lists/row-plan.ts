import type { MessageDocument } from '@whatsapp-sender/store'
import type { Template } from './row-templates.ts'

/**
 * Which rows there are. Every fifth is another user's, so that no index holds the asked one's alone. His are spread over
 * instances and recipients; of five rows one belongs to a campaign, one has a reference and one belongs to a batch. They
 * came in over thirty days, a hundred at a moment.
 */
export type RowPlan = Readonly<{
  rows: number
  user: string
  /** The newest row came then; ms since the epoch. */
  until: number
}>

const DAYS_MS = 30 * 86_400_000
const AT_A_MOMENT = 100
const INSTANCES = 50
const RECIPIENTS = 20_000
const CAMPAIGNS = 5
const OTHERS = 100
/** Rows among which the fifth that is of one batch lies: it has 500. */
const STRETCH_OF_BATCH = 2500

/** What rows of the user can be asked for: a fiftieth of all rows and more. */
export const ASKED = {
  instance: instanceAt(7),
  to: recipientAt(0),
  campaign: idOf('campaign', 0),
  reference: 'monthly reminder',
}

/** When what stands at this share of the depth of a list came in. */
export function momentAt({ until }: Pick<RowPlan, 'until'>, depth: number): Date {
  return new Date(Math.round(until - depth * DAYS_MS))
}

/** A batch of 500 at this share of the depth. */
export function batchAt({ rows }: Pick<RowPlan, 'rows'>, depth: number): string {
  return idOf('batch', Math.floor(((rows - 1) * (1 - depth)) / STRETCH_OF_BATCH))
}

/** The row of that number, from 0 and the oldest, as if the ledger had made it. */
export function rowFrom(plan: RowPlan, templates: readonly Template[], n: number): MessageDocument {
  const template = templateOf(templates, scattered(n, 1, 1000))
  const moment = Math.floor(n / AT_A_MOMENT)
  const moments = Math.ceil(plan.rows / AT_A_MOMENT)
  const createdAt = momentAt(plan, 1 - (moment + 1) / moments)
  const isOthers = n % 5 === 4
  const instance = instanceAt(scattered(n, 2, INSTANCES))
  const id = messageIdOf(createdAt.getTime(), n)
  const isOfCampaign = n % 5 === 1
  const row = isOfCampaign ? template.rowOfCampaign : template.row
  return {
    ...row,
    _id: id,
    user: isOthers ? `other-${scattered(n, 3, OTHERS)}` : plan.user,
    instance,
    instanceId: `id-of-${instance}`,
    // One recipient is written to again and again.
    to: recipientAt(n % 50 === 0 ? 0 : scattered(n, 4, RECIPIENTS)),
    ...(isOfCampaign && { campaign: idOf('campaign', n % 25 < 15 ? 0 : scattered(n, 5, CAMPAIGNS)) }),
    ...(n % 5 === 2 && { reference: n % 50 === 2 ? ASKED.reference : `order ${n}` }),
    ...(n % 5 === 3 && { batch: idOf('batch', Math.floor(n / STRETCH_OF_BATCH)) }),
    createdAt,
    acceptedAt: createdAt,
    appendedAt: createdAt,
    offset: row.offset.add(n),
    ...(row.providerIds && { providerIds: [`3EB0${id}`], providerMessageId: `3EB0${id}` }),
  }
}

function templateOf(templates: readonly Template[], place: number): Template {
  let end = 0
  for (const template of templates) {
    end += template.share
    if (place < end) return template
  }
  throw new Error(`no template at ${place}`)
}

/** Ordered by time, as those of the API. */
function messageIdOf(at: number, n: number): string {
  const time = at.toString(16).padStart(12, '0')
  const low = n.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${low.slice(9)}-b${low.slice(6, 9)}-${low}`
}

function idOf(what: 'batch' | 'campaign', n: number): string {
  return `${what === 'batch' ? 'b' : 'c'}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

/** Says nothing of what the next row has, nor of what else this one has. */
function scattered(n: number, what: number, count: number): number {
  let mixed = Math.imul(n ^ (what << 28), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return ((mixed ^ (mixed >>> 16)) >>> 0) % count
}

function instanceAt(n: number): string {
  return `bench-${n}`
}

function recipientAt(n: number): string {
  return `+55119${String(80_000_000 + n)}`
}
