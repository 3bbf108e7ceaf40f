import type { OlderUser, OlderUserRow } from '@whatsapp-sender/store'
import { z } from 'zod'
import { readPasslibHash } from '../users/passlib-hash.ts'

/** `refused`: ids of rows that are no account that could log in here, and why. */
export type ImportReport = Readonly<{
  imported: number
  /** They were here already, or somebody has their e-mail: nothing was changed. */
  known: number
  refused: readonly Readonly<{ id: string; why: string }>[]
}>

const Row = z.object({
  id: z.string().regex(/^[0-9a-f]{24}$/, 'is no ObjectId'),
  fullname: z.string().trim().min(1).max(200),
  email: z.string().trim().max(254).pipe(z.email()),
  password: z.string().refine((text) => readPasslibHash(text) !== undefined, 'is no hash of pbkdf2-sha256'),
  allowed: z.boolean().default(false),
})

/**
 * Takes the accounts of the older system over as they are: with their passwords' hashes, which become bcrypt at the first
 * login, and whether they were approved. An account that is here is never changed, so it can be repeated.
 */
export async function importUsers(
  rows: AsyncIterable<OlderUserRow>,
  importOlder: (user: OlderUser) => Promise<'imported' | 'known'>,
): Promise<ImportReport> {
  let [imported, known] = [0, 0]
  const refused: { id: string; why: string }[] = []
  for await (const row of rows) {
    const user = Row.safeParse(row)
    if (!user.success) refused.push({ id: row.id, why: user.error.issues.map(whyOf).join('; ') })
    else if ((await importOlder(user.data)) === 'imported') imported += 1
    else known += 1
  }
  return { imported, known, refused }
}

/** Nothing of what the row holds: it may be a password. */
function whyOf({ path, message }: z.core.$ZodIssue): string {
  return `${path.join('.')} ${message}`
}
