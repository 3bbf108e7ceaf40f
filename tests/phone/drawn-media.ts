import { crc32, deflateSync } from 'node:zlib'

type Colour = readonly [red: number, green: number, blue: number, alpha?: number]
type Point = Readonly<{ x: number; y: number }>
/** How far outside of a shape a point is; negative inside. */
type Shape = (point: Point) => number

/** A cup of coffee in the evening sun, as a PNG. */
export function cupPicture(size = 480): Buffer {
  return png(size, (point) => {
    const wall: Colour = mix([255, 214, 165], [240, 128, 98], point.y)
    let colour = paint(wall, [255, 240, 200], circle(0.72, 0.28, 0.13)(point), size)
    colour = paint(colour, [94, 58, 48], box(0.5, 0.92, 0.6, 0.14)(point), size)
    colour = paint(colour, [255, 255, 255], ring(0.66, 0.58, 0.1, 0.028)(point), size)
    colour = paint(colour, [255, 255, 255], roundBox(0.46, 0.58, [0.2, 0.19, 0.09])(point), size)
    colour = paint(colour, [222, 228, 232], roundBox(0.34, 0.58, [0.05, 0.17, 0.05])(point), size)
    colour = paint(colour, [90, 54, 40], ellipse(0.46, 0.42, 0.175, 0.028)(point), size)
    for (const [x, phase] of [
      [0.38, 0],
      [0.46, 2],
      [0.54, 4],
    ] as const) {
      const bent = { x: point.x - 0.015 * Math.sin(point.y * 40 + phase), y: point.y }
      colour = paint(colour, [255, 255, 255, 0.55], roundBox(x, 0.27, [0.008, 0.08, 0.008])(bent), size)
    }
    return colour
  })
}

/** A laughing face on nothing, as a PNG. */
export function stickerPicture(size = 320): Buffer {
  return png(size, (point) => {
    let colour: Colour = [255, 255, 255, 0]
    colour = paint(colour, [255, 255, 255], circle(0.5, 0.5, 0.46)(point), size)
    colour = paint(colour, [255, 200, 61], circle(0.5, 0.5, 0.42)(point), size)
    for (const x of [0.36, 0.64]) colour = paint(colour, [74, 48, 24], ellipse(x, 0.4, 0.045, 0.07)(point), size)
    const mouth: Shape = (at) => Math.max(circle(0.5, 0.52, 0.24)(at), 0.56 - at.y)
    colour = paint(colour, [122, 38, 32], mouth(point), size)
    return paint(colour, [240, 106, 100], Math.max(mouth(point), circle(0.5, 0.78, 0.12)(point)), size)
  })
}

/** Three seconds that rise and fall like speech, as a WAV. */
export function spokenSound(seconds = 3): Buffer {
  const rate = 8_000
  const samples = new Int16Array(rate * seconds)
  for (let at = 0; at < samples.length; at += 1) {
    const time = at / rate
    const loudness = Math.abs(Math.sin(time * 5.3) * Math.sin(time * 1.7 + 0.4)) ** 1.5
    samples[at] = 12_000 * loudness * Math.sin(2 * Math.PI * (170 + 40 * Math.sin(time * 3)) * time)
  }
  const data = Buffer.from(samples.buffer)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

/** One empty page. */
export function emptyPdf(): Buffer {
  return Buffer.from(
    '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
      '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 420]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
  )
}

function circle(x: number, y: number, radius: number): Shape {
  return (at) => Math.hypot(at.x - x, at.y - y) - radius
}

function ring(x: number, y: number, radius: number, width: number): Shape {
  const edge = circle(x, y, radius)
  return (at) => Math.abs(edge(at)) - width
}

function ellipse(x: number, y: number, width: number, height: number): Shape {
  return (at) => (Math.hypot((at.x - x) / width, (at.y - y) / height) - 1) * Math.min(width, height)
}

function box(x: number, y: number, width: number, height: number): Shape {
  return (at) => Math.max(Math.abs(at.x - x) - width, Math.abs(at.y - y) - height)
}

function roundBox(x: number, y: number, [width, height, radius]: readonly [number, number, number]): Shape {
  return (at) => {
    const right = Math.max(Math.abs(at.x - x) - width + radius, 0)
    const below = Math.max(Math.abs(at.y - y) - height + radius, 0)
    return Math.hypot(right, below) - radius
  }
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const part = (one: number, other: number) => one + (other - one) * share
  return [part(from[0], to[0]), part(from[1], to[1]), part(from[2], to[2]), part(from[3] ?? 1, to[3] ?? 1)]
}

/** Lays `colour` over `below` where the shape is, with an edge as soft as one pixel. */
function paint(below: Colour, colour: Colour, distance: number, size: number): Colour {
  const cover = Math.min(1, Math.max(0, 0.5 - distance * size)) * (colour[3] ?? 1)
  const [red, green, blue] = mix(below, colour, cover)
  return [red, green, blue, Math.max(below[3] ?? 1, cover)]
}

function png(size: number, colourAt: (point: Point) => Colour): Buffer {
  const rows = Buffer.alloc(size * (size * 4 + 1))
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const [red, green, blue, alpha = 1] = colourAt({ x: x / size, y: y / size })
      rows.set([red, green, blue, alpha * 255], y * (size * 4 + 1) + 1 + x * 4)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}
