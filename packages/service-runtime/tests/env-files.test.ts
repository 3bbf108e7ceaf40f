import assert from 'node:assert/strict'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { allOrNone, ConfigError, envInteger, envSecret, parseEnv } from '../src/index.ts'

describe('a variable whose value is in a file', () => {
  let dir = ''
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'env-files-'))
  })
  after(() => rm(dir, { recursive: true }))

  const file = async (name: string, content: string | Buffer): Promise<string> => {
    await writeFile(join(dir, name), content)
    return join(dir, name)
  }

  test('is read from there and judged as if it stood in the environment', async () => {
    const schema = z.object({ PORT: envInteger({ min: 1, max: 9 }).default(1), KEY: envSecret(8) })
    const KEY_FILE = await file('key', 'secret-é')
    assert.deepEqual(parseEnv(schema, { PORT_FILE: await file('port', '7'), KEY_FILE }), { PORT: 7, KEY: 'secret-é' })
    assert.deepEqual(faultsOf(schema, { PORT_FILE: await file('wrong', 'canary'), KEY_FILE }), [
      'PORT must be a whole number from 1 to 9',
    ])
  })

  test('loses one newline at its end, and nothing else', async () => {
    const readBack = async (content: string) =>
      parseEnv(z.object({ A: z.string() }), { A_FILE: await file('a', content) }).A
    assert.equal(await readBack(' a b \n'), ' a b ')
    assert.equal(await readBack('a\r\n'), 'a')
    assert.equal(await readBack('a\n\n'), 'a\n')
    assert.equal(await readBack('a\nb'), 'a\nb')
  })

  test('is followed through links, as secrets are mounted', async () => {
    await file('data', 'value')
    await symlink('data', join(dir, 'link'))
    assert.deepEqual(parseEnv(z.object({ A: z.string() }), { A_FILE: join(dir, 'link') }), { A: 'value' })
  })

  test('must not be set by itself as well; empty counts as unset for both', async () => {
    const schema = z.object({ A: z.string() })
    const A_FILE = await file('one', 'from file')
    assert.deepEqual(faultsOf(schema, { A: 'x', A_FILE }), ['A must not be set together with A_FILE'])
    assert.deepEqual(parseEnv(schema, { A: '', A_FILE }), { A: 'from file' })
    assert.deepEqual(parseEnv(schema, { A: 'x', A_FILE: '' }), { A: 'x' })
  })

  test('is a fault that names variable and path when the file cannot serve, told with all others', async () => {
    const schema = z.object({
      MISSING: z.string(),
      FOLDER: z.string().optional(),
      LARGE: z.string(),
      BYTES: z.string(),
      EMPTY: z.string().optional(),
      PORT: envInteger({ min: 1, max: 9 }),
    })
    const missing = join(dir, 'missing')
    const large = await file('large', 'x'.repeat(65_537))
    const bytes = await file('bytes', Buffer.from([0xff, 0xfe]))
    const empty = await file('empty', '\n')
    const env = { MISSING_FILE: missing, FOLDER_FILE: dir, LARGE_FILE: large, BYTES_FILE: bytes, EMPTY_FILE: empty }
    assert.deepEqual(faultsOf(schema, { ...env, PORT: 'abc' }), [
      `MISSING_FILE names ${missing}, which cannot be read (ENOENT)`,
      `FOLDER_FILE names ${dir}, which is no file`,
      `LARGE_FILE names ${large}, which has more than 65536 bytes`,
      `BYTES_FILE names ${bytes}, which is not text in UTF-8`,
      `EMPTY_FILE names ${empty}, which is empty`,
      'PORT must be a whole number from 1 to 9',
    ])
  })

  test('counts as set among variables that belong together', async () => {
    const schema = z.object(allOrNone({ USER: z.string(), PASSWORD: z.string() }))
    const missing = join(dir, 'missing')
    assert.deepEqual(parseEnv(schema, { USER: 'u', PASSWORD_FILE: await file('password', 'p') }), {
      USER: 'u',
      PASSWORD: 'p',
    })
    assert.deepEqual(faultsOf(schema, { USER: 'u', PASSWORD_FILE: missing }), [
      `PASSWORD_FILE names ${missing}, which cannot be read (ENOENT)`,
    ])
  })
})

function faultsOf(schema: z.ZodObject, env: NodeJS.ProcessEnv): string[] {
  try {
    parseEnv(schema, env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.faults.map(({ variable, message }) => `${variable} ${message}`)
  }
  return []
}
