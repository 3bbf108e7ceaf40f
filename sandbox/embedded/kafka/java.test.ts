import assert from 'node:assert/strict'
import { test } from 'node:test'
import { javaVersionOf } from './java.ts'

test('reads the version of a new and of an old Java', () => {
  assert.equal(javaVersionOf('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment'), '17.0.15')
  assert.equal(javaVersionOf('java version "1.8.0_402"'), '1.8.0_402')
})

test('reads the version although the JVM tells of its options first', () => {
  assert.equal(javaVersionOf('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "21" 2023-09-19'), '21')
})

test('knows no version in the text of something else', () => {
  assert.equal(javaVersionOf('The operation could not be completed. Unable to locate a Java Runtime.'), undefined)
})
