import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { StartError } from './start-error.ts'

const secretsSchema = z.partialRecord(
  z.enum(['JWT_SECRET', 'SECRET_KEY', 'AUTHENTICATION_API_KEY', 'ADMIN_EMAIL', 'ADMIN_PASSWORD']),
  z.string(),
)

/**
 * Secrets of this clone, made at the first start and kept in `file` (mode 600): the data were sealed with them. What
 * the environment gives wins and is not written down.
 */
export async function readOrMakeSecrets(file: string): Promise<z.infer<typeof secretsSchema>> {
  const kept = await readSecrets(file)
  const secrets = {
    JWT_SECRET: kept.JWT_SECRET ?? secret(32),
    SECRET_KEY: kept.SECRET_KEY ?? secret(32),
    AUTHENTICATION_API_KEY: kept.AUTHENTICATION_API_KEY ?? secret(24),
    ADMIN_EMAIL: kept.ADMIN_EMAIL ?? 'admin@example.com',
    ADMIN_PASSWORD: kept.ADMIN_PASSWORD ?? secret(12),
  }
  await writeFile(file, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 })
  await chmod(file, 0o600)
  return secrets
}

/** @throws {StartError} when the file is there and cannot be read: new secrets would make the kept data unreadable. */
async function readSecrets(file: string): Promise<z.infer<typeof secretsSchema>> {
  if (!existsSync(file)) return {}
  try {
    return secretsSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    throw new StartError(
      `${file} is damaged, and the data of this clone were sealed with what stood in it.\nPut it back, or forget the data with it: npm run reset`,
    )
  }
}

function secret(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}
