import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { createServer } from 'node:tls'
import { makeSelfSigned, whyNoCertificates } from '../../../../tests/support/certificates.ts'
import { createKafka } from '../kafka.ts'
import { createLogger } from '../logger.ts'
import { createRegistry } from '../registry.ts'
import { readAuthorities } from './authorities.ts'
import { createCertificates } from './certificates.ts'

const DAY_S = 86_400

suite('until when certificates are valid', { skip: whyNoCertificates() }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'whatsapp-sender-certificates-'))
  after(() => rmSync(directory, { recursive: true }))

  const made = (name: string, days: number) => makeSelfSigned(directory, name, days)

  test('is told of the last authority in the file, for the others have been replaced by it', async () => {
    const registry = createRegistry({ service: 'test' })
    createCertificates(registry).trusted(`${made('old', 3).cert}\n${made('new', 400).cert}\nno certificate at all`)
    assert.ok(isAbout(await secondsOf(registry, 'kafka-authority'), 400 * DAY_S))
  })

  test('is told of the broker that was connected to last', async () => {
    const { key, cert, certFile } = made('broker', 20)
    const server = createServer({ key, cert }, (socket) => socket.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    assert.ok(address !== null && typeof address === 'object')
    const registry = createRegistry({ service: 'test' })
    const config = { brokers: [`127.0.0.1:${address.port}`], prefix: '', ssl: { caPath: certFile } }
    const logger = createLogger({ service: 'test', level: 'silent' })
    const admin = createKafka({ config, clientId: 'test', logger, registry }).admin({ retry: { retries: 0 } })
    await assert.rejects(admin.connect())
    await admin.disconnect()
    server.close()
    assert.ok(isAbout(await secondsOf(registry, 'kafka-broker'), 20 * DAY_S))
  })

  test('is told of a folder of authorities as of one file, and a folder without any is a fault', () => {
    const folder = mkdtempSync(join(directory, 'folder-'))
    writeFileSync(join(folder, 'ca.password'), 'secret')
    assert.throws(() => readAuthorities(folder), /No file in .* ends in \.crt or \.pem/)
    const [old, fresh] = [made('one', 3).cert, made('two', 400).cert]
    writeFileSync(join(folder, 'ca-2026-01-01T00-00-00Z.crt'), old)
    writeFileSync(join(folder, 'ca.crt'), fresh)
    const read = readAuthorities(folder)
    for (const certificate of [old, fresh]) assert.ok(read.includes(certificate))
    assert.ok(!read.includes('secret'))
  })

  test('is not told where nothing is encrypted, and a file that holds none hinders nothing', async () => {
    const registry = createRegistry({ service: 'test' })
    const file = join(directory, 'empty.pem')
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n')
    createCertificates(registry).trusted(readFileSync(file, 'utf8'))
    assert.equal(await secondsOf(registry, 'kafka-authority'), undefined)
  })
})

async function secondsOf(registry: ReturnType<typeof createRegistry>, of: string): Promise<number | undefined> {
  const told = await registry.getSingleMetricAsString('whatsapp_certificate_expiry_seconds')
  const line = told.split('\n').find((each) => each.includes(`of="${of}"`))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

function isAbout(seconds: number | undefined, wanted: number): boolean {
  return seconds !== undefined && Math.abs(seconds - wanted) < 60
}
