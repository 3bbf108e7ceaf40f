import { setImmediate as nextTurn } from 'node:timers/promises'
import { campaignMessageId } from '@whatsapp-sender/contract'
import type { Campaign, CampaignFault, CampaignPart, CampaignRow, CampaignRows, Ledger } from '@whatsapp-sender/store'
import { z } from 'zod'
import type { InstanceLookup } from '../instances/instance-lookup.ts'
import type { PublishMessages } from '../kafka/message-publisher.ts'
import type { Principal } from '../principal.ts'
import { readSettings } from './campaign-settings.ts'
import type { JudgedRow, JudgeRow } from './judge-rows.ts'
import { FAULTS_MAX } from './upload-rows.ts'

/** Messages of an instance that wait at once. */
const AHEAD_MAX = 1000
/** Not each one by itself as soon as one was sent. */
const ROOM_MIN = 100
const CHUNK_ROWS = 500
/** In between requests have their turn. */
const ROWS_PER_TURN = 25
/** Rows that are refused leave the room as it is; others shall have their turn, too. */
const CHUNKS_MAX = 20
/** When one of these is in the ledger, so are all before them. More than one, for one alone might be set aside. */
const TAIL = 5

const Body = z.record(z.string(), z.unknown())

type Fit = Extract<JudgedRow, { kind: 'fit' }>

/** `lost`: somebody else feeds the campaign by now. `stopped`: it was paused or ended meanwhile. */
export type FedPart = 'more' | 'all-sent' | 'instance-gone' | 'lost' | 'stopped'

/** @param save keeps what is done, and says whether to go on */
export type FeedPart = (
  part: CampaignPart,
  save: (part: CampaignPart) => Promise<'more' | 'lost' | 'stopped'>,
) => Promise<FedPart>

export type FeedPartNeeds = Readonly<{
  judgeRow: JudgeRow
  instances: Pick<InstanceLookup, 'usable'>
  publishAll: PublishMessages
  ledger: Pick<Ledger, 'countOpenOfCampaign' | 'isAnyThere'>
  campaignRows: Pick<CampaignRows, 'next' | 'removeTo' | 'insertFaults'>
  onFed(fed: Readonly<{ campaign: string; accepted: number; refused: number }>): void
}>

/**
 * Makes messages of the rows of one instance until a thousand of them wait. A row's message has the same id each time, and
 * a row goes only after its message is in Kafka, so a feeder that dies anywhere loses nothing and adds nothing twice.
 */
export function createFeedPart(
  o: FeedPartNeeds,
  {
    campaign,
    principal,
    upload,
    signal,
  }: Readonly<{ campaign: Campaign; principal: Principal; upload: string; signal: AbortSignal }>,
): FeedPart {
  const of = {
    campaign: campaign.id,
    principal,
    settings: readSettings(campaign.settings),
    instanceOf: (name: string) => Promise.resolve(o.instances.usable(name, { id: principal.id }, 'send')),
    // They were looked at when the file came in, as those of scheduled messages are.
    findAddressFault: () => Promise.resolve(undefined),
  }

  return async (part, save) => {
    const found = await o.instances.usable(part.instance, { id: principal.id }, 'send')
    if (found === 'unknown') return 'more'
    if (found === 'missing' || found.id !== part.instanceId) return 'instance-gone'
    if (!(await isIngested(part))) return 'more'
    const open = await o.ledger.countOpenOfCampaign(campaign.id, part.instance)
    const after = await feedChunks(part, AHEAD_MAX - open, save)
    if (after === 'lost' || after === 'stopped') return after
    return leftOf(after) === 0 && after.fed === part.fed && open === 0 ? 'all-sent' : 'more'
  }

  /** What was fed last. Until then it is not known how many wait. */
  async function isIngested({ tail }: CampaignPart): Promise<boolean> {
    return tail.length === 0 || (await o.ledger.isAnyThere(tail.map((line) => campaignMessageId(campaign.id, line))))
  }

  async function feedChunks(
    before: CampaignPart,
    roomAtFirst: number,
    save: Parameters<FeedPart>[1],
  ): Promise<CampaignPart | 'lost' | 'stopped'> {
    let part = before
    for (let chunks = 0; chunks < CHUNKS_MAX && !signal.aborted; chunks++) {
      const after = await feedChunk(part, roomAtFirst - (part.fed - before.fed))
      if (after === part) break
      const saved = await save(after)
      if (saved === 'lost') return saved
      await o.campaignRows.removeTo(upload, after)
      if (saved === 'stopped') return saved
      part = after
    }
    return part
  }

  /** The same part: there is nothing to do now. */
  async function feedChunk(part: CampaignPart, room: number): Promise<CampaignPart> {
    const left = leftOf(part)
    if (left === 0 || room < Math.min(ROOM_MIN, left)) return part
    const rows = await o.campaignRows.next(upload, part, Math.min(room, CHUNK_ROWS))
    const chunk = await publishRows(rows)
    if (chunk.done === 0 && rows.length > 0) return part
    const after = afterChunk(part, rows, chunk)
    if (after.refused <= FAULTS_MAX) await o.campaignRows.insertFaults(upload, chunk.faults)
    o.onFed({ campaign: campaign.id, accepted: chunk.lines.length, refused: chunk.faults.length })
    return after
  }

  async function publishRows(rows: readonly CampaignRow[]): Promise<Chunk> {
    const judged: JudgedRow[] = []
    for (const [index, { line, instance, body }] of rows.entries()) {
      if (index % ROWS_PER_TURN === 0) await nextTurn()
      const value = { ...Body.parse(JSON.parse(body)), instance }
      judged.push(await o.judgeRow({ line, value }, of))
    }
    const fit = judged.filter((row): row is Fit => row.kind === 'fit')
    const outcomes = fit.length === 0 ? [] : await o.publishAll(fit)
    const firstLeft = fit[outcomes.findIndex((outcome) => outcome !== 'published')]
    const done = firstLeft === undefined ? judged.length : judged.indexOf(firstLeft)
    const turned = judged.slice(0, done)
    return {
      done,
      lines: turned.flatMap((row) => (row.kind === 'fit' ? [row.row.line] : [])),
      faults: turned.flatMap((row) => (row.kind === 'faulty' ? [row.fault] : [])),
    }
  }
}

/** `done`: how many rows, from the first, have had their turn; `lines` of those that became messages. */
type Chunk = Readonly<{ done: number; lines: readonly number[]; faults: readonly CampaignFault[] }>

/** Rows that have not had their turn. */
export function leftOf({ rows, fed, refused, gone = 0 }: CampaignPart): number {
  return rows - fed - refused - gone
}

function afterChunk(part: CampaignPart, rows: readonly CampaignRow[], { done, lines, faults }: Chunk): CampaignPart {
  // Rows that are not there any more will never be.
  if (rows.length === 0) return { ...part, gone: part.rows - part.fed - part.refused }
  return {
    ...part,
    fed: part.fed + lines.length,
    refused: part.refused + faults.length,
    line: rows[done - 1]?.line ?? part.line,
    tail: lines.length > 0 ? lines.slice(-TAIL) : part.tail,
  }
}
