import { AUDITED } from './other-collections.ts'
import { ASKED, batchAt, momentAt, type RowPlan } from './row-plan.ts'

/** A list and what of it is asked for. */
export type Asked = Readonly<{
  name: string
  path: string
  /** `depth`: where the page is, as a share of the list. */
  queryAt(depth: number): Readonly<Record<string, string>>
  /** How that page is reached: by a cursor that stands there, or by the filter itself. */
  by: 'cursor' | 'filter'
  /** What its rows are ordered by. */
  time: 'createdAt' | 'at' | 'acceptedAt'
  /** An index answers it, so every page is full; else a page looks at a bounded number of rows and may come short. */
  isIndexed: boolean
  /** Of a place in it: above every id that it holds. */
  highestId: string
}>

const HIGHEST_UUID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
/** Of a filter by time. */
const DAY = 1 / 30

/** Every list whose length has no bound, by the filters that lead it. */
export function askedLists(plan: RowPlan, endpoint: string): Asked[] {
  return [...messageLists(plan), ...deadLetterLists(plan), ...otherLists(endpoint)]
}

type Common = Omit<Asked, 'name' | 'queryAt'>

function messageLists(plan: RowPlan): Asked[] {
  const { instance, to, campaign, reference } = ASKED
  const messages: Common = {
    path: '/v1/messages',
    by: 'cursor',
    time: 'createdAt',
    isIndexed: true,
    highestId: HIGHEST_UUID,
  }
  const day = (depth: number) => ({
    since: momentAt(plan, depth + DAY).toISOString(),
    until: momentAt(plan, depth).toISOString(),
  })
  return [
    { ...messages, name: 'time', queryAt: () => ({}) },
    { ...messages, name: 'a day', by: 'filter', queryAt: day },
    { ...messages, name: 'instance', queryAt: () => ({ instance }) },
    { ...messages, name: 'recipient', queryAt: () => ({ to }) },
    { ...messages, name: 'campaign', queryAt: () => ({ campaign }) },
    { ...messages, name: 'attention', queryAt: () => ({ attention: 'true' }) },
    { ...messages, name: 'reference', queryAt: () => ({ reference }) },
    { ...messages, name: 'batch', by: 'filter', queryAt: (depth) => ({ batch: batchAt(plan, depth) }) },
    { ...messages, name: 'status', isIndexed: false, queryAt: () => ({ status: 'dead-lettered' }) },
    {
      ...messages,
      name: 'status of an instance',
      isIndexed: false,
      queryAt: () => ({ instance, status: 'dead-lettered' }),
    },
    { ...messages, name: 'metadata', isIndexed: false, queryAt: () => ({ 'metadata[shop]': 'north' }) },
  ]
}

function deadLetterLists({ user }: RowPlan): Asked[] {
  const { instance, to } = ASKED
  const letters: Common = {
    path: '/v1/dead-letters',
    by: 'cursor',
    time: 'acceptedAt',
    isIndexed: false,
    highestId: HIGHEST_UUID,
  }
  return [
    { ...letters, name: 'dead letters', isIndexed: true, queryAt: () => ({}) },
    { ...letters, name: 'dead letters of a user', isIndexed: true, queryAt: () => ({ user }) },
    { ...letters, name: 'dead letters of an instance', queryAt: () => ({ instance }) },
    { ...letters, name: 'dead letters by status', queryAt: () => ({ status: 'unknown' }) },
    { ...letters, name: 'dead letters to a recipient', queryAt: () => ({ to }) },
    { ...letters, name: 'dead letters by a reason that none has', queryAt: () => ({ reason: 'no-such-reason' }) },
  ]
}

function otherLists(endpoint: string): Asked[] {
  const audit: Common = { path: '/v1/audit', by: 'cursor', time: 'at', isIndexed: true, highestId: HIGHEST_UUID }
  const operations: Common = { ...audit, path: '/v1/operations', time: 'createdAt' }
  const deliveries: Common = { ...operations, path: `/v1/webhooks/${endpoint}/deliveries`, highestId: 'zzzzzzzz' }
  return [
    { ...audit, name: 'audit', queryAt: () => ({}) },
    { ...audit, name: 'audit of a user', queryAt: () => ({ by: AUDITED.by }) },
    { ...audit, name: 'audit of a target', queryAt: () => ({ target: AUDITED.target }) },
    { ...operations, name: 'operations', queryAt: () => ({}) },
    { ...deliveries, name: 'deliveries', queryAt: () => ({}) },
    { ...deliveries, name: 'deliveries that failed', queryAt: () => ({ state: 'failed' }) },
  ]
}
