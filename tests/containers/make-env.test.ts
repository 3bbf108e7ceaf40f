import assert from 'node:assert/strict'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseEnv } from 'node:util'
import { emptyClone, makeEnv, runMakeEnv } from './make-env.ts'

const SECRETS = ['JWT_SECRET', 'SECRET_KEY', 'AUTHENTICATION_API_KEY', 'ADMIN_PASSWORD', 'MONGO_PASSWORD']

test('the secrets are long, different from each other and from those of another clone', async (t) => {
  const [one, two] = [await makeEnv(t), await makeEnv(t)]
  const values = [one, two].flatMap(({ env }) => SECRETS.map((name) => env[name] ?? ''))
  assert.equal(new Set(values).size, values.length)
  for (const value of values) assert.match(value, /^[A-Za-z0-9_-]{16,}$/)
  assert.ok(Buffer.byteLength(one.env['SECRET_KEY'] ?? '') >= 32)
  assert.ok(Buffer.byteLength(one.env['JWT_SECRET'] ?? '') >= 32)
})

test('nobody else on the machine can read the file, and none of it is printed', async (t) => {
  const folder = await emptyClone(t)
  const { output } = runMakeEnv(folder)
  const text = await readFile(join(folder, '.env'), 'utf8')
  assert.equal((await stat(join(folder, '.env'))).mode & 0o777, 0o600)
  for (const name of SECRETS) assert.ok(!output.includes(new RegExp(`^${name}=(.+)$`, 'm').exec(text)?.[1] ?? ''), name)
})

test('a file that exists is not overwritten, and what it lacks is named', async (t) => {
  const folder = await emptyClone(t)
  const older = 'JWT_SECRET=of-the-older-system\nMONGO_USERNAME=root\n'
  await writeFile(join(folder, '.env'), older)
  const { status, output } = runMakeEnv(folder)
  assert.equal(status, 1)
  assert.match(output, /not overwritten, but lacks COMPOSE_PROFILES, SECRET_KEY/)
  assert.equal(await readFile(join(folder, '.env'), 'utf8'), older)
})

test('what a file lacks is added on demand, and what it sets stays', async (t) => {
  const folder = await emptyClone(t)
  const older = 'JWT_SECRET=of-the-older-system\nMONGO_USERNAME=root\n'
  await writeFile(join(folder, '.env'), older)
  assert.equal(runMakeEnv(folder, '--complete').status, 0)
  const completed = await readFile(join(folder, '.env'), 'utf8')
  assert.ok(completed.startsWith(older))
  assert.equal((await stat(join(folder, '.env'))).mode & 0o777, 0o600)
  assert.equal(completed.match(/^JWT_SECRET=/gm)?.length, 1)
  assert.match(runMakeEnv(folder, '--complete').output, /lacks nothing/)
  assert.equal(await readFile(join(folder, '.env'), 'utf8'), completed)
})

test('a secret that is set to nothing is lacking; that nobody here stands for Evolution API is not', async (t) => {
  const folder = await emptyClone(t)
  await writeFile(join(folder, '.env'), 'COMPOSE_PROFILES=\nexport JWT_SECRET=kept\nSECRET_KEY=\nADMIN_PASSWORD=""\n')
  assert.match(runMakeEnv(folder, '--complete').output, /^Added to \.env: SECRET_KEY, AUTHENTICATION_API_KEY,/)
  const env = parseEnv(await readFile(join(folder, '.env'), 'utf8'))
  assert.deepEqual([env['COMPOSE_PROFILES'], env['JWT_SECRET']], ['', 'kept'])
  assert.ok((env['SECRET_KEY'] ?? '').length >= 32 && env['ADMIN_PASSWORD'])
})

test('damaged secrets of a clone that has run are told in a sentence, and no others are made', async (t) => {
  const folder = await emptyClone(t)
  await mkdir(join(folder, '.sandbox'))
  await writeFile(join(folder, '.sandbox', 'secrets.json'), '{"SECRET_KEY": "sea')
  const { status, output } = runMakeEnv(folder)
  assert.equal(status, 1)
  assert.match(output, /secrets\.json cannot be read/)
  assert.doesNotMatch(output, /\n +at /)
  await assert.rejects(stat(join(folder, '.env')))
})

test('a clone that has run keeps the secrets that its data were sealed with', async (t) => {
  const folder = await emptyClone(t)
  await mkdir(join(folder, '.sandbox'))
  await writeFile(join(folder, '.sandbox', 'secrets.json'), JSON.stringify({ SECRET_KEY: 'sealed-with-this' }))
  runMakeEnv(folder)
  assert.match(await readFile(join(folder, '.env'), 'utf8'), /^SECRET_KEY=sealed-with-this$/m)
})
