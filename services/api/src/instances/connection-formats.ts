import type { Connection } from '@whatsapp-sender/evolution-client'
import { z } from 'zod'

/** How an unfinished login is shown: everything, its QR code as a picture or as characters, or the code to type in. */
export const ConnectionFormat = z.enum(['json', 'png', 'svg', 'text', 'pairing-code'])
export type ConnectionFormat = z.infer<typeof ConnectionFormat>

/** Formats by the media type a caller asks for; the first is for those who do not. */
export const FORMAT_OF_TYPE = new Map<string, ConnectionFormat>([
  ['application/json', 'json'],
  ['image/png', 'png'],
  ['image/svg+xml', 'svg'],
  ['text/plain', 'text'],
])

type Picture = Readonly<{ type: string; body: string | Buffer }>

/** Undefined: there is no such code, or none yet. */
export async function drawConnection(
  connection: Extract<Connection, { state: 'connecting' }>,
  format: Exclude<ConnectionFormat, 'json'>,
): Promise<Picture | undefined> {
  const { qr, pairingCode } = connection
  if (format === 'pairing-code') return pairingCode === undefined ? undefined : { type: TEXT, body: `${pairingCode}\n` }
  if (qr === undefined) return undefined
  // Rarely asked for, so not loaded before.
  const { toBuffer, toString: toText } = await import('qrcode')
  switch (format) {
    case 'png':
      return { type: 'image/png', body: pngByEvolution(qr) ?? (await toBuffer(qr.code)) }
    case 'svg':
      return { type: 'image/svg+xml', body: await toText(qr.code, { type: 'svg' }) }
    case 'text':
      return { type: TEXT, body: await toText(qr.code, { type: 'utf8' }) }
  }
}

const TEXT = 'text/plain; charset=utf-8'
const PNG_URL = 'data:image/png;base64,'

function pngByEvolution({ png }: Readonly<{ png: string }>): Buffer | undefined {
  return png.startsWith(PNG_URL) ? Buffer.from(png.slice(PNG_URL.length), 'base64') : undefined
}
