import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { ConfigError, parseEnv } from './config.ts'
import { tracingConfigOf, tracingEnv } from './tracing-env.ts'

const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }

test('without an endpoint nothing is traced, whatever else is set', () => {
  assert.equal(configOf({}), undefined)
  assert.equal(configOf({ OTEL_SERVICE_NAME: 'mine', OTEL_TRACES_SAMPLER_ARG: '0.5' }), undefined)
})

test('an endpoint is enough: every trace is kept, under the name of the service', () => {
  assert.deepEqual(configOf(COLLECTOR), {
    url: 'http://collector:4318/v1/traces',
    headers: {},
    serviceName: 'whatsapp-sender-api',
    samplingRatio: 1,
  })
})

test('name, ratio and headers are taken, the values of headers as a URL has them', () => {
  const config = configOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example.com/tenants/7',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20dXNlcjpw, x-scope = a=b%2Cc',
    OTEL_SERVICE_NAME: 'sales-api',
    OTEL_TRACES_SAMPLER_ARG: '0.05',
  })
  assert.deepEqual(config, {
    url: 'https://otlp.example.com/tenants/7/v1/traces',
    headers: { authorization: 'Basic dXNlcjpw', 'x-scope': 'a=b,c' },
    serviceName: 'sales-api',
    samplingRatio: 0.05,
  })
})

test('what cannot be used is a fault of its variable, and the value of a header is not repeated', () => {
  const faults = {
    OTEL_EXPORTER_OTLP_ENDPOINT: ['collector:4318', 'http://u:p@collector', 'http://collector:4318/v1/traces'],
    OTEL_EXPORTER_OTLP_HEADERS: ['canary', '=canary', 'a b=canary', 'a=canary%', 'a=canary%0d%0ab', 'a=canary,,b=c'],
    OTEL_SERVICE_NAME: ['my api', 'x'.repeat(256)],
    OTEL_TRACES_SAMPLER_ARG: ['1.5', '-1', 'all', '50%'],
  }
  for (const [variable, values] of Object.entries(faults)) {
    for (const value of values) {
      assert.throws(
        () => configOf({ ...COLLECTOR, [variable]: value }),
        (error) => {
          assert.ok(error instanceof ConfigError)
          assert.deepEqual(
            error.faults.map((fault) => fault.variable),
            [variable],
          )
          return !error.message.includes('canary')
        },
        `${variable}=${value}`,
      )
    }
  }
})

function configOf(env: NodeJS.ProcessEnv) {
  return tracingConfigOf(parseEnv(z.object({ ...tracingEnv }), env), 'api')
}
