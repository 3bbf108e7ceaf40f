import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Template } from './template.ts'

describe('a template', () => {
  test('puts in each value as it is, wherever its name stands, with blanks or without', () => {
    const template = Template.parse('{{name}}: {{ order_2 }}, {{name}}!')
    assert.deepEqual([...template.names], ['name', 'order_2'])
    const values = new Map([
      ['name', '{{order_2}} $& $1'],
      ['order_2', '7'],
    ])
    assert.equal(
      template.render((name) => values.get(name) ?? ''),
      '{{order_2}} $& $1: 7, {{order_2}} $& $1!',
    )
  })

  test('may have no placeholder, and braces that are none', () => {
    const template = Template.parse('a { b } }} c')
    assert.equal(template.names.size, 0)
    assert.equal(
      template.render(() => ''),
      'a { b } }} c',
    )
  })

  test('with a slip in a placeholder is refused as a whole, before it reaches anybody', () => {
    for (const text of [
      '{{name}',
      'Hi {{ first name }}',
      '{{}}',
      '{{1st}}',
      '{{name',
      '{{_a}}',
      `{{${'a'.repeat(65)}}}`,
    ]) {
      assert.equal(Template.safeParse(text).success, false, text)
    }
  })
})
