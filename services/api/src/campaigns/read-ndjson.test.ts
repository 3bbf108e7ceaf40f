import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readNdjson } from './read-ndjson.ts'
import { checkUtf8, type SourceRow } from './row-source.ts'

describe('lines of JSON', () => {
  test('are read the same however they are cut into pieces, with the numbers of their lines', async () => {
    const text = '\ufeff{"to":"á"}\r\n\n[1]\n{"to":\n{"to":"b"}'
    for (const size of [1, 2, 3, 1000]) {
      assert.deepEqual(await rowsOf(text, size), [
        { line: 1, value: { to: 'á' } },
        { line: 3, value: [1] },
        { line: 4, faults: [{ field: 'body', message: 'is not JSON' }] },
        { line: 5, value: { to: 'b' } },
      ])
    }
  })

  test('hold no line that is longer than a message may be', async () => {
    for (const size of [1000, 100_000]) await assert.rejects(rowsOf('x'.repeat(70_000), size), { code: 'too-large' })
  })

  test('have to be UTF-8', async () => {
    const latin = async function* () {
      yield Buffer.from('{"to":"olá"}\n', 'latin1')
    }
    await assert.rejects(collected(readNdjson(checkUtf8(latin()))), { code: 'invalid-request' })
  })
})

function rowsOf(text: string, size: number): Promise<SourceRow[]> {
  return collected(readNdjson(pieces(text, size)))
}

async function collected(source: AsyncIterable<SourceRow>): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const row of source) rows.push(row)
  return rows
}

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}
