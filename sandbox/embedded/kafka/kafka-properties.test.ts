import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serverProperties } from './kafka-properties.ts'

test('a folder of any name reaches Java as it is called', () => {
  const properties = serverProperties({ dataDir: 'C:\\Área de Trabalho 🙂', port: 1, controllerPort: 2 })
  assert.match(properties, /^log\.dirs=C:\\u005c\\u00c1rea de Trabalho \\ud83d\\ude42$/m)
})
