import { campaignMessageId, type MessageRecord } from '@whatsapp-sender/contract'
import type { CampaignFault, NewCampaignRow } from '@whatsapp-sender/store'
import { answerOf, faultyRow } from '../batches/batch-answer.ts'
import type { createParseRow } from '../batches/batch-row.ts'
import type { FieldFault } from '../http/problem.ts'
import { ProblemError } from '../http/problem.ts'
import type { FoundInstance } from '../instances/instance-lookup.ts'
import { judgeMessage } from '../messages/judge-message.ts'
import { type FindAddressFault, faultsOfMediaAddresses } from '../messages/media-addresses.ts'
import type { RefuseNew } from '../messages/refuse-new.ts'
import type { Principal } from '../principal.ts'
import type { readSettings } from './campaign-settings.ts'
import type { SourceRow } from './row-source.ts'

/** What a row would be, or why it is nothing. */
export type JudgedRow =
  | Readonly<{ kind: 'fit'; row: NewCampaignRow; record: MessageRecord; encoded: Buffer }>
  | Readonly<{ kind: 'faulty'; fault: CampaignFault }>

export type JudgeRow = (
  source: SourceRow,
  of: Readonly<{
    campaign: string
    principal: Principal
    settings: ReturnType<typeof readSettings>
    instanceOf(name: string): Promise<FoundInstance>
    findAddressFault: FindAddressFault
  }>,
) => Promise<JudgedRow>

/**
 * Judges a row as if it were sent by itself.
 * @throws {ProblemError} 503 when it cannot be told now
 */
export function createJudgeRow(o: {
  parseRow: ReturnType<typeof createParseRow>
  refuseNew: RefuseNew
  eventFeedDefault: boolean
}): JudgeRow {
  return async (source, { campaign, principal, settings, instanceOf, findAddressFault }) => {
    const { line } = source
    const faulty = (faults: readonly FieldFault[]) => faultOf(line, faultyRow(faults))
    if (source.faults !== undefined) return faulty(source.faults)
    const { data, faults } = o.parseRow(source.value, settings)
    if (data === undefined) return faulty(faults)
    const addresses = await faultsOfMediaAddresses(data.content, findAddressFault)
    if (addresses.length > 0) return faulty(addresses)
    const how = { id: campaignMessageId(campaign, line), campaign, eventFeedDefault: o.eventFeedDefault }
    const judged = judgeMessage({ principal, ...data }, await instanceOf(data.instance), how)
    if (judged.kind === 'unavailable') {
      throw new ProblemError('unavailable', 'The instances cannot be looked up now.', { retryAfterSeconds: 5 })
    }
    if (judged.kind !== 'fit') return faultOf(line, answerOf(judged))
    const refusal = o.refuseNew(judged.record)
    if (refusal !== undefined) return faultOf(line, answerOf(refusal))
    const row = { line, instance: data.instance, body: JSON.stringify(source.value), to: judged.record.to }
    return { kind: 'fit', row, record: judged.record, encoded: judged.encoded }
  }
}

function faultOf(line: number, answer: ReturnType<typeof answerOf>): JudgedRow {
  const { code, detail, errors } = { code: 'unavailable', detail: '', errors: undefined, ...answer }
  return { kind: 'faulty', fault: { line, code, detail, ...(errors && { errors }) } }
}
