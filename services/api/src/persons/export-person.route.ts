import type { PersonRecord, PersonScope } from '@whatsapp-sender/store'
import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import type { LineStreams } from '../http/line-streams.ts'
import { parseBody } from '../http/parse.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { callerOf, type Whose } from './person-access.ts'
import type { PersonHash } from './person-hash.ts'
import { personRecordView } from './person-record-view.ts'

/** Who is asked for. */
export function exportPersonBody(recipient: RecipientSchema) {
  return z.strictObject({ number: recipient })
}

export function exportPersonRoute(o: {
  authenticate: Authenticate
  whose: Whose
  readBody(req: Request, res: Response): Promise<void>
  recipient: RecipientSchema
  personHash: PersonHash
  readPerson(scope: PersonScope): AsyncGenerator<PersonRecord>
  lineStreams: LineStreams
  audit: Audit
}): RequestHandler {
  const Body = exportPersonBody(o.recipient)
  return async (req, res) => {
    const { by, user } = await callerOf(o, { req, res, own: 'messages:read' })
    await o.readBody(req, res)
    const { number } = parseBody(Body, req)
    const person = o.personHash(number)
    const send = o.lineStreams.open(res)
    await o.audit(req, { by, action: 'person.exported', target: person, details: { records: o.whose } })
    await send(linesOf(o.readPerson({ number, user }), person))
  }
}

/** The last line has the counts: without it the export was cut off. */
async function* linesOf(records: AsyncGenerator<PersonRecord>, person: string): AsyncGenerator<unknown> {
  const counts = { message: 0, contact: 0, suppression: 0 }
  for await (const record of records) {
    counts[record.kind] += 1
    yield personRecordView(record)
  }
  const { message: messages, contact: contacts, suppression: suppressions } = counts
  yield { kind: 'end', person, messages, contacts, suppressions }
}
