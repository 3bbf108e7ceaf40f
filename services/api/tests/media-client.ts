import type { TestUser } from './api-under-test.ts'
import type { Answer } from './client.ts'

/** A form with one part for each file, in this order. */
export function formOf(
  ...parts: readonly (readonly [name: string, bytes: Buffer, type?: string, fileName?: string])[]
) {
  const form = new FormData()
  for (const [name, bytes, type = '', fileName = 'file'] of parts) {
    form.append(name, new Blob([new Uint8Array(bytes)], { type }), fileName)
  }
  return form
}

/** Uploads as a browser does; `key`: under this Idempotency-Key. */
export async function upload(
  { url }: Readonly<{ url: string }>,
  { token, key }: Pick<TestUser, 'token'> & Readonly<{ key?: string }>,
  form: FormData,
  query = '',
): Promise<Answer> {
  const response = await fetch(`${url}/v1/media${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...(key !== undefined && { 'Idempotency-Key': key }) },
    body: form,
  })
  const body: Record<string, unknown> = JSON.parse(await response.text())
  return { status: response.status, headers: response.headers, body }
}

/** Begins of files, filled up to a size. */
export function png(size = 1000): Buffer {
  return filled('89504e470d0a1a0a0000000d4948445200000001000000010806000000', size)
}
export function jpeg(size = 1000): Buffer {
  return filled('ffd8ffe000104a46494600010100000100010000', size)
}
export function webp(size = 1000): Buffer {
  return filled('524946460000000057454250', size)
}
export function mp4(size = 1000): Buffer {
  return filled('000000186674797069736f6d0000020069736f6d69736f32', size)
}
export function pdf(size = 1000): Buffer {
  return filled('255044462d312e340a', size)
}
export function ogg(size = 1000): Buffer {
  // One page, in which one packet begins.
  return filled(`4f6767530002${'00'.repeat(20)}0113${Buffer.from('OpusHead').toString('hex')}0101`, size)
}

function filled(hex: string, size: number): Buffer {
  const bytes = Buffer.alloc(size, 0x20)
  bytes.write(hex, 'hex')
  return bytes
}
