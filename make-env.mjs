// Writes .env from .env.example with a strong secret wherever one has to be. Plain JavaScript without packages: with
// Docker, any Node.js from 20.12 is all that is needed to begin.
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'

const USAGE = `Usage: npm run secrets [-- --complete]
  makes .env; --complete adds to one that exists what it lacks, and changes nothing that is set`

const folder = dirname(fileURLToPath(import.meta.url))
const envFile = join(folder, '.env')
const args = process.argv.slice(2)

if (args.some((arg) => arg !== '--complete')) fail(USAGE)
else if (!existsSync(envFile)) create()
else if (args.includes('--complete')) complete()
else refuse()

/** What the containers need. A clone that `npm start` has run in keeps the secrets that its data were sealed with. */
function requiredValues() {
  const kept = keptSecrets()
  return {
    COMPOSE_PROFILES: 'sandbox',
    JWT_SECRET: kept.JWT_SECRET ?? secret(32),
    SECRET_KEY: kept.SECRET_KEY ?? secret(32),
    AUTHENTICATION_API_KEY: kept.AUTHENTICATION_API_KEY ?? secret(24),
    ADMIN_EMAIL: kept.ADMIN_EMAIL ?? 'admin@example.com',
    ADMIN_PASSWORD: kept.ADMIN_PASSWORD ?? secret(12),
    MONGO_USERNAME: 'whatsapp_sender',
    MONGO_PASSWORD: secret(24),
    MONGO_ROOT_PASSWORD: secret(24),
    EVOLUTION_DB_PASSWORD: secret(24),
  }
}

function create() {
  let text = readFileSync(join(folder, '.env.example'), 'utf8')
  for (const [name, value] of Object.entries(requiredValues())) {
    const line = new RegExp(`^# ${name}=.*$`, 'm')
    if (!line.test(text)) fail(`.env.example has no line "# ${name}=".`)
    text = text.replace(line, `${name}=${value}`)
  }
  write(text, 'wx')
  say(`Wrote .env: only you can read it. The first admin is ADMIN_EMAIL with ADMIN_PASSWORD. Next:

  docker compose up --build --detach --wait

or npm start, which reads it as well.`)
}

function complete() {
  const missing = missingValues()
  if (missing.length === 0) return say('.env lacks nothing.')
  write(`\n${missing.map(([name, value]) => `${name}=${value}`).join('\n')}\n`, 'a')
  say(`Added to .env: ${namesOf(missing)}.`)
}

function refuse() {
  const missing = missingValues()
  const what =
    missing.length === 0 ? 'and lacks nothing' : `but lacks ${namesOf(missing)}: npm run secrets -- --complete`
  fail(`.env exists and is not overwritten, ${what}.`)
}

function missingValues() {
  const env = parseEnv(readFileSync(envFile, 'utf8'))
  // Empty counts as unset, except that COMPOSE_PROFILES says by it that Evolution API runs elsewhere.
  const isMissing = (name) => env[name] === undefined || (env[name] === '' && name !== 'COMPOSE_PROFILES')
  return Object.entries(requiredValues()).filter(([name]) => isMissing(name))
}

function keptSecrets() {
  const file = join(folder, '.sandbox', 'secrets.json')
  if (!existsSync(file)) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return fail(`${file} cannot be read, and the data of this clone were sealed with what stood in it.`)
  }
}

function write(text, flag) {
  try {
    writeFileSync(envFile, text, { flag, mode: 0o600 })
    // The mode above is only that of a new file.
    chmodSync(envFile, 0o600)
  } catch (error) {
    fail(`.env cannot be written: ${error.message}`)
  }
}

function namesOf(entries) {
  return entries.map(([name]) => name).join(', ')
}

/** Letters, digits, - and _: fit for a connection string as they are. */
function secret(bytes) {
  return randomBytes(bytes).toString('base64url')
}

function say(message) {
  process.stdout.write(`${message}\n`)
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
