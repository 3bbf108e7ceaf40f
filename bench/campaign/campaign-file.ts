import { recipientAt } from '../system/recipients.ts'

const INSTANCES = 20
export const TEMPLATE = 'Olá {{name}}, seu pedido {{order}} saiu para entrega e chega hoje entre 14h e 18h.'

const AT_ONCE = 500

/** A CSV file of so many rows, each to a recipient of its own, of the instances `bench-0` to `bench-19` in turn. */
export async function* csvOf(rows: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode('to,instance,name,order\n')
  for (let from = 0; from < rows; from += AT_ONCE) {
    const lines = Array.from({ length: Math.min(AT_ONCE, rows - from) }, (_, n) => lineOf(from + n))
    yield encoder.encode(lines.join(''))
  }
}

/** Which row a message was made of, from 0; undefined: of none. */
export function rowOf(content: string): number | undefined {
  const order = / pedido (\d+) saiu /.exec(content)?.[1]
  return order === undefined ? undefined : Number(order)
}

function lineOf(n: number): string {
  return `${recipientAt(n)},bench-${n % INSTANCES},"Silva, Ana ${n}",${n}\n`
}
