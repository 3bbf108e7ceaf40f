import { setImmediate as nextTurn } from 'node:timers/promises'
import type {
  Campaign,
  CampaignFault,
  CampaignPart,
  CampaignRows,
  Campaigns,
  NewCampaignRow,
} from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'
import type { FoundInstance, InstanceLookup } from '../instances/instance-lookup.ts'
import { type FindAddressFault, oncePerHost } from '../messages/media-addresses.ts'
import type { Principal } from '../principal.ts'
import { readSettings } from './campaign-settings.ts'
import type { JudgedRow, JudgeRow } from './judge-rows.ts'
import type { SourceRow } from './row-source.ts'

export type UploadCommand = Readonly<{
  campaign: Campaign
  principal: Principal
  rows: AsyncIterable<SourceRow>
  /** Undefined: judge, and keep nothing. */
  upload: string | undefined
}>

export type PreviewedMessage = Readonly<{ line: number; instance: string; to: string; type: string; content: object }>

/** `faults` and `preview`: the first ones. */
export type UploadedRows = Readonly<{
  total: number
  faulty: number
  parts: readonly CampaignPart[]
  preview: readonly PreviewedMessage[]
  faults: readonly CampaignFault[]
}>

export type UploadRows = (command: UploadCommand) => Promise<UploadedRows>

const ROWS_MAX = 1_000_000
const INSTANCES_MAX = 20
/** Faults that are kept, of one file. */
export const FAULTS_MAX = 1000
const SHOWN_MAX = 10

/** What is in memory of a file at once, whichever comes first; a row is judged in a tenth of a millisecond. */
const CHUNK_ROWS = 500
const CHUNK_BYTES = 512 * 1024
const ROWS_PER_TURN = 25
/** Of a file that comes slowly, too, one hears that it is coming. */
const CHUNK_MS = 10_000

/**
 * Reads a file row by row and keeps what can be sent.
 * @throws {ProblemError} 400 and 413 for a file that cannot be used as a whole, 409 when it was cancelled meanwhile
 */
export function createUploadRows(o: {
  judgeRow: JudgeRow
  instances: Pick<InstanceLookup, 'usable'>
  findAddressFault: FindAddressFault
  campaigns: Pick<Campaigns, 'noteUpload'>
  campaignRows: Pick<CampaignRows, 'insert' | 'insertFaults' | 'removeSome'>
}): UploadRows {
  return async ({ campaign, principal, rows, upload }) => {
    const tally = createTally()
    const findInstance = createFindInstance(o.instances, principal)
    const of = {
      campaign: campaign.id,
      principal,
      settings: readSettings(campaign.settings),
      instanceOf: findInstance,
      findAddressFault: oncePerHost(o.findAddressFault),
    }
    let chunk: NewCampaignRow[] = []
    let bytes = 0
    let keptAt = performance.now()
    const keep = async () => {
      const kept = { rows: chunk, faults: tally.takeFaults() }
      chunk = []
      bytes = 0
      keptAt = performance.now()
      if (upload !== undefined) await keepChunk({ campaign, upload, ...kept, ...tally.counts() })
    }
    for await (const source of rows) {
      const judged = await o.judgeRow(source, of)
      tally.add(judged)
      if (judged.kind === 'fit') {
        chunk.push(judged.row)
        bytes += judged.row.body.length
      }
      const { total } = tally.counts()
      if (total > ROWS_MAX) throw new ProblemError('too-large', `A campaign has ${ROWS_MAX} rows at most.`)
      const isOld = performance.now() - keptAt > CHUNK_MS
      if (total % CHUNK_ROWS === 0 || bytes >= CHUNK_BYTES || isOld) await keep()
      else if (total % ROWS_PER_TURN === 0) await nextTurn()
    }
    await keep()
    return tally.result()
  }

  async function keepChunk({
    campaign: { id, user },
    upload,
    rows,
    faults,
    ...counts
  }: Readonly<{
    campaign: Campaign
    upload: string
    rows: readonly NewCampaignRow[]
    faults: readonly CampaignFault[]
    total: number
    faulty: number
  }>): Promise<void> {
    await o.campaignRows.insert(upload, rows)
    await o.campaignRows.insertFaults(upload, faults)
    if (await o.campaigns.noteUpload({ id, user, upload }, counts)) return
    // Whoever cleans up may have been there before these rows were.
    while (await o.campaignRows.removeSome(upload, CHUNK_ROWS));
    throw new ProblemError('wrong-campaign-status', 'The upload was cancelled, or another one began.')
  }
}

/** Each instance is looked up once; what is made or deleted meanwhile counts when the rows have their turn. */
function createFindInstance(instances: Pick<InstanceLookup, 'usable'>, principal: Principal) {
  const known = new Map<string, FoundInstance>()
  return async (name: string): Promise<FoundInstance> => {
    const found = known.get(name) ?? (await instances.usable(name, principal, 'send'))
    if (known.size < INSTANCES_MAX * 2) known.set(name, found)
    return found
  }
}

function createTally() {
  const parts = new Map<string, CampaignPart>()
  const preview: PreviewedMessage[] = []
  const firstFaults: CampaignFault[] = []
  let newFaults: CampaignFault[] = []
  let total = 0
  let faulty = 0

  function addFault(fault: CampaignFault): void {
    faulty += 1
    if (faulty <= FAULTS_MAX) newFaults.push(fault)
    if (faulty <= SHOWN_MAX) firstFaults.push(fault)
  }

  return {
    add: (judged: JudgedRow): void => {
      total += 1
      if (judged.kind === 'faulty') {
        addFault(judged.fault)
        return
      }
      const { row, record } = judged
      const { instance, instanceId, to, type, content } = record
      const part = parts.get(instance) ?? { instance, instanceId, rows: 0, fed: 0, refused: 0, line: 0, tail: [] }
      if (!parts.has(instance) && parts.size === INSTANCES_MAX) {
        throw new ProblemError('too-large', `A campaign has rows of ${INSTANCES_MAX} instances at most.`)
      }
      parts.set(instance, { ...part, rows: part.rows + 1 })
      if (preview.length < SHOWN_MAX) preview.push({ line: row.line, instance, to, type, content })
    },
    takeFaults: (): readonly CampaignFault[] => {
      const taken = newFaults
      newFaults = []
      return taken
    },
    counts: () => ({ total, faulty }),
    result: (): UploadedRows => ({ total, faulty, parts: [...parts.values()], preview, faults: firstFaults }),
  }
}
