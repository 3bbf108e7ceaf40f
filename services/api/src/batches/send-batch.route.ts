import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { idempotencyKeyOf } from '../http/idempotency-key.ts'
import { readJsonBody } from '../http/json-body.ts'
import { type Parsed, parseBody, parseOrFaults } from '../http/parse.ts'
import { mapInTurns } from '../map-in-turns.ts'
import { type FindAddressFault, faultsOfMediaAddresses, oncePerHost } from '../messages/media-addresses.ts'
import { faultsOfTimes } from '../messages/message-options.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import type { StoredFiles } from '../messages/stored-files.ts'
import type { Principal } from '../principal.ts'
import { answerOf, countsOf, faultyRow, refuseBatch } from './batch-answer.ts'
import { createParseRow, defaultsIn, type RowMessage, rowDefaults } from './batch-row.ts'
import type { BatchMessage, RowResult, SendBatch } from './send-batch.ts'
import { Template } from './template.ts'

const BATCH_ROWS_MAX = 500
const BODY_BYTES_MAX = 1024 * 1024

/** Each is read by itself, together with what the batch says for all, so that one may be refused alone. */
const Row = z.unknown().meta({
  description: 'As the body of `POST /v1/messages`; what the batch says for all may be left out.',
  override: {
    type: 'object',
    required: ['to'],
    properties: {
      to: { type: 'string' },
      type: { type: 'string' },
      text: { type: 'string' },
      variables: { type: 'object', additionalProperties: { type: 'string' } },
      instance: { type: 'string' },
      reference: { type: 'string' },
    },
  },
})

export const BatchBody = z
  .strictObject({
    ...rowDefaults,
    template: Template.optional(),
    validateOnly: z.boolean().default(false),
    messages: z.array(Row).min(1).max(BATCH_ROWS_MAX),
  })
  .superRefine((body, ctx) => {
    for (const { field, message } of faultsOfTimes(body)) ctx.addIssue({ code: 'custom', path: [field], message })
  })

export function sendBatchRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  findAddressFault: FindAddressFault
  storedFiles: StoredFiles
  sendBatch: SendBatch
  onBatch(batch: string, results: readonly RowResult[]): void
}): RequestHandler {
  const parseRow = createParseRow({ recipient: o.recipient, parse: parseOrFaults })
  const readBody = readJsonBody({ bytesMax: BODY_BYTES_MAX })
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send', 'per-instance')
    const idempotencyKey = idempotencyKeyOf(req)
    await readBody(req, res)
    const { messages: rows, validateOnly, template } = parseBody(BatchBody, req)
    const all = { defaults: defaultsIn(req.body), template }
    const read = await mapInTurns(rows, (row) => parseRow(row, all))
    const findAddressFault = oncePerHost(o.findAddressFault)
    const reachable = await Promise.all(read.map((row) => withAddresses(row, findAddressFault)))
    const parsed = await withFiles(reachable, principal, { storedFiles: o.storedFiles, isTrial: validateOnly })
    const messages: BatchMessage[] = parsed.flatMap(({ data }, row) => (data ? [{ principal, row, ...data }] : []))
    const { batch, results } = await o.sendBatch({ principal, messages, idempotencyKey, validateOnly })
    if (!validateOnly) o.onBatch(batch, results)
    const judged = results.values()
    const answers = parsed.map(({ faults }) => {
      if (faults !== undefined) return faultyRow(faults)
      return answerOf(judged.next().value ?? { kind: 'unavailable' })
    })
    const answer = { batch, counts: countsOf(answers), results: answers }
    if (validateOnly) return void res.json({ counts: answer.counts, results: answers })
    if (answer.counts.accepted === 0) refuseBatch(answer)
    res.status(202).json(answer)
  }
}

async function withFiles(
  rows: readonly Parsed<RowMessage>[],
  { id }: Principal,
  { storedFiles, isTrial }: Readonly<{ storedFiles: StoredFiles; isTrial: boolean }>,
): Promise<readonly Parsed<RowMessage>[]> {
  const faults = (
    await storedFiles.faultsOf(
      id,
      rows.flatMap(({ data }) => data ?? []),
      { isTrial },
    )
  ).values()
  return rows.map((row) => {
    const fault = row.data === undefined ? undefined : faults.next().value
    return fault === undefined ? row : { faults: [fault] }
  })
}

async function withAddresses(row: Parsed<RowMessage>, findFault: FindAddressFault): Promise<Parsed<RowMessage>> {
  if (row.data === undefined || row.data.type === 'text') return row
  const faults = await faultsOfMediaAddresses(row.data.content, findFault)
  return faults.length > 0 ? { faults } : row
}
