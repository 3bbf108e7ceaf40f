import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { InvalidResourceError, parseSender, parseSenderSpec } from '../src/parse-sender.ts'
import { PRESETS } from '../src/presets.ts'
import { structuralSchema } from '../src/schema/structural-schema.ts'
import { checkRules } from '../src/spec/check-rules.ts'
import { WhatsAppInstanceSpec } from '../src/spec/instance-spec.ts'
import { WhatsAppSenderSpec } from '../src/spec/sender-spec.ts'
import { SETTINGS } from '../src/spec/settings.ts'
import { REFUSED_INSTANCES, REFUSED_SENDERS } from './refused.ts'
import { rulesOf } from './rules-of.ts'

const KINDS = {
  WhatsAppSender: {
    schema: structuralSchema(WhatsAppSenderSpec),
    rows: REFUSED_SENDERS,
    withDefaults: (spec: object) => WhatsAppSenderSpec.parse(spec),
  },
  WhatsAppInstance: {
    schema: structuralSchema(WhatsAppInstanceSpec),
    rows: REFUSED_INSTANCES,
    // The limits of a pace are checked there too, and would refuse before the rule does.
    withDefaults: (spec: object) => spec,
  },
}

for (const [kind, { schema, rows, withDefaults }] of Object.entries(KINDS)) {
  for (const { field, message, spec, good, isChange } of rows) {
    test(`${kind}: refused at spec.${field}: ${message}`, () => {
      const before = isChange ? withDefaults(good) : undefined
      const faults = checkRules(schema, { value: withDefaults(spec), path: 'spec', before })
      assert.deepEqual(faults, [{ path: `spec.${field}`, message }])
      assert.deepEqual(checkRules(schema, { value: withDefaults(good), path: 'spec' }), [])
    })
  }

  test(`each rule of a ${kind} has a specification that it refuses`, () => {
    const tried = rows.map(({ field, message }) => `${field}: ${message}`)
    assert.deepEqual([...rulesOf(schema)].sort(), tried.sort())
  })
}

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
