import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serverProperties } from './kafka-properties.ts'

test('a folder of any name reaches Java as it is called', () => {
  const properties = serverProperties({ dataDir: 'C:\\Área de Trabalho 🙂', port: 1, controllerPort: 2 })
  assert.match(properties, /^log\.dirs=C:\\u005c\\u00c1rea de Trabalho \\ud83d\\ude42$/m)
})

test('clients that log in have a listener of their own, and nobody else is asked for a password', () => {
  const ports = { port: 1, controllerPort: 2, host: '10.0.0.1' }
  const properties = serverProperties({ dataDir: 'd', ...ports, scramPort: 3 })
  const listeners = 'PLAINTEXT://10.0.0.1:1,SASL_PLAINTEXT://10.0.0.1:3'
  assert.match(properties, new RegExp(`^listeners=${listeners},CONTROLLER://127\\.0\\.0\\.1:2$`, 'm'))
  assert.match(properties, new RegExp(`^advertised\\.listeners=${listeners}$`, 'm'))
  assert.doesNotMatch(serverProperties({ dataDir: 'd', ...ports }), /SASL/)
})
