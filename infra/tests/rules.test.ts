import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { InvalidResourceError, parseSender, parseSenderSpec } from '../src/parse-sender.ts'
import { PRESETS } from '../src/presets.ts'
import { structuralSchema } from '../src/schema/structural-schema.ts'
import { checkRules } from '../src/spec/check-rules.ts'
import { WhatsAppSenderSpec } from '../src/spec/sender-spec.ts'
import { SETTINGS } from '../src/spec/settings.ts'
import { RULES_KEY } from '../src/spec/with-rules.ts'
import { REFUSED_SENDERS } from './refused.ts'

const SCHEMA = structuralSchema(WhatsAppSenderSpec)

for (const { field, message, spec, before } of REFUSED_SENDERS) {
  test(`refused at spec.${field}: ${message}`, () => {
    const value = WhatsAppSenderSpec.parse(spec)
    const faults = checkRules(SCHEMA, { value, path: 'spec', before: before && WhatsAppSenderSpec.parse(before) })
    assert.deepEqual(faults, [{ path: `spec.${field}`, message }])
  })
}

test('each rule of a WhatsAppSender has a specification that it refuses', () => {
  const tried = new Set(REFUSED_SENDERS.map(({ message }) => message))
  assert.deepEqual(
    messagesOf(SCHEMA).filter((message) => !tried.has(message)),
    [],
  )
})

for (const [name, spec] of Object.entries(PRESETS)) {
  test(`the preset ${name} is accepted`, () => {
    assert.doesNotThrow(() => parseSenderSpec(spec))
  })
}

test('a resource that cannot be used names each field at fault', () => {
  const resource = {
    apiVersion: 'whatsappsender.io/v1alpha1',
    kind: 'WhatsAppSender',
    metadata: { name: 'wa' },
    spec: { evolution: { mode: 'nowhere' }, api: { replicas: 0 }, consumer: { replica: 2 } },
  }
  assert.throws(
    () => parseSender(resource),
    (error) => {
      assert.ok(error instanceof InvalidResourceError)
      assert.deepEqual(error.faults.map(({ path }) => path).sort(), [
        'spec.api.replicas',
        'spec.consumer',
        'spec.evolution.mode',
      ])
      return true
    },
  )
})

test('each setting is a variable of docs/configuration.md', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'configuration.md'), 'utf8')
  for (const setting of SETTINGS) assert.match(page, new RegExp(`^\\| .*\`${setting}\``, 'm'))
})

function messagesOf(schema: ReturnType<typeof structuralSchema>): string[] {
  const rules = schema[RULES_KEY]
  const own: unknown[] = Array.isArray(rules) ? rules : []
  const messages = own.flatMap((rule) =>
    typeof rule === 'object' && rule !== null && 'message' in rule ? [String(rule.message)] : [],
  )
  return [...messages, ...Object.values(schema.properties ?? {}).flatMap(messagesOf)]
}
