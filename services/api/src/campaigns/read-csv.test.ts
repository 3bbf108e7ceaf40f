import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ProblemError } from '../http/problem.ts'
import { readCsv } from './read-csv.ts'
import type { SourceRow } from './row-source.ts'

describe('CSV', () => {
  test('is read the same however it is cut into pieces', async () => {
    const text = '\ufeffto;name;order\r\n+551;"Ana; ""a""\nb";1\r\n\r\n+552;Bía;2'
    const expected = [
      { line: 3, value: { to: '+551', variables: { name: 'Ana; "a"\nb' } } },
      { line: 5, value: { to: '+552', variables: { name: 'Bía' } } },
    ]
    for (const size of [1, 2, 3, 7, 1000]) assert.deepEqual(await rowsOf(text, { size, names: ['name'] }), expected)
  })

  test('may be separated by commas, semicolons or tabs', async () => {
    for (const by of [',', ';', '\t']) {
      const text = `to${by}"a,;"${by}text\n+551${by}x${by}a, b; c\n`.replace('a, b; c', '"a, b; c"')
      assert.deepEqual(await rowsOf(text, {}), [{ line: 2, value: { to: '+551', text: 'a, b; c' } }], by)
    }
  })

  test('says of a message what columns of known names hold, and leaves out what is empty', async () => {
    const text =
      'text,to,reference,instance,priority,sendAt,other\nolá,+551,r,sales,high,2027-01-01T00:00:00Z,x\n,+552,,,,,\n'
    assert.deepEqual(await rowsOf(text, {}), [
      {
        line: 2,
        value: {
          to: '+551',
          instance: 'sales',
          text: 'olá',
          reference: 'r',
          priority: 'high',
          sendAt: '2027-01-01T00:00:00Z',
        },
      },
      { line: 3, value: { to: '+552' } },
    ])
  })

  test('with a row of another width finds fault with that row alone', async () => {
    const rows = await rowsOf('to,text\n+551,a,b\n+552,c\n', {})
    assert.deepEqual(
      rows.map(({ line, faults }) => [line, faults?.length]),
      [
        [2, 1],
        [3, undefined],
      ],
    )
  })

  test('that cannot be trusted from some line on is refused as a whole, naming the line', async () => {
    const cases: [text: string, names: string[] | undefined, field: string][] = [
      ['to,text\n+551,"a"b\n', undefined, 'line 2'],
      ['to,text\n+551,"a\n+552,b\n', undefined, 'line'],
      ['to,to,text\n', undefined, 'line 1'],
      ['number,text\n', undefined, 'line 1'],
      ['to,nome\n', ['name'], 'line 1'],
    ]
    for (const [text, names, field] of cases) {
      await assert.rejects(
        rowsOf(text, { names }),
        (error) => error instanceof ProblemError && error.options.errors?.[0]?.field.startsWith(field) === true,
        text,
      )
    }
  })

  test('holds no row that is longer than a message may be', async () => {
    const long = `to,text\n+551,${'x'.repeat(70_000)}`
    await assert.rejects(rowsOf(long, { size: 16_384 }), { code: 'too-large' })
  })
})

async function rowsOf(text: string, { size = 1000, names }: { size?: number; names?: string[] | undefined }) {
  const rows: SourceRow[] = []
  for await (const row of readCsv(pieces(text, size), names && new Set(names))) rows.push(row)
  return rows
}

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}
