import type { IncomingMessage } from 'node:http'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { parserError } from '../error-bodies.ts'
import type { Answer } from './answer.ts'
import { BODY_BYTES_MAX, type BodyBudget, createBodyBudget } from './body-budget.ts'

export type RequestBody = Readonly<{ kind: 'read'; body: unknown; form?: FormBody }>
type Refused = Readonly<{ kind: 'refused'; answer: Answer }>

/** A multipart body as it came: the routes that know forms parse it themselves, after the guards. */
export type FormBody = Readonly<{ contentType: string; bytes: Buffer<ArrayBuffer> }>

/** Answers by what the body says, or with the parser's own complaint. The body counts as held until then. */
export async function answerByBody(
  req: IncomingMessage,
  use: (body: RequestBody) => Answer | Promise<Answer>,
): Promise<Answer> {
  const budget = createBodyBudget()
  try {
    const read = await readRequestBody(req, budget)
    return read.kind === 'refused' ? read.answer : await use(read)
  } finally {
    budget.release()
  }
}

/** Reads and parses a body as the real server's Express parsers do: JSON and forms, packed or not; anything else is `{}`. */
async function readRequestBody(req: IncomingMessage, budget: BodyBudget): Promise<RequestBody | Refused> {
  const bytes = await readBytes(req, budget)
  if (bytes === 'too-large') {
    return tooLarge
  }
  const type = String(req.headers['content-type'] ?? '')
  if (/^\s*multipart\/form-data\b/i.test(type)) {
    return { kind: 'read', body: {}, form: { contentType: type, bytes } }
  }
  const isForm = /^\s*application\/x-www-form-urlencoded\b/i.test(type)
  if (bytes.length === 0 || !(isForm || /^\s*application\/json\b/i.test(type))) {
    return { kind: 'read', body: {} }
  }
  const plain = plainText(bytes, type, req.headers['content-encoding'])
  if (plain.kind === 'refused') {
    return plain
  }
  if (!budget.take(plain.text.length) || hasMore(plain.text, /[,[{]/g, JSON_VALUES_MAX)) {
    return tooLarge
  }
  return isForm ? parseForm(plain.text) : parseJson(plain.text)
}

/** As many as a heap of 512 MB bears: the bound in bytes is meant for files, and that many empty lists would end it. */
const JSON_VALUES_MAX = 1_000_000

/** Body-parser's own bound. */
const FORM_FIELDS_MAX = 1_000

function parseForm(text: string): RequestBody | Refused {
  if (hasMore(text, /&/g, FORM_FIELDS_MAX - 1)) return refuse(413, 'too many parameters')
  return { kind: 'read', body: Object.fromEntries(new URLSearchParams(text)) }
}

function hasMore(text: string, mark: RegExp, max: number): boolean {
  if (text.length <= max) return false
  let left = max
  while (mark.test(text)) {
    left -= 1
    if (left < 0) return true
  }
  return false
}

function plainText(bytes: Buffer, type: string, encoding = 'identity') {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1] ?? 'utf-8'
  return charset.toLowerCase().startsWith('utf-')
    ? unpack(bytes, encoding.toLowerCase())
    : refuse(415, `unsupported charset "${charset.toUpperCase()}"`)
}

function refuse(status: number, message: string): Refused {
  return { kind: 'refused', answer: parserError(status, message) }
}

const tooLarge = refuse(413, 'request entity too large')

function readBytes(req: IncomingMessage, budget: BodyBudget): Promise<Buffer<ArrayBuffer> | 'too-large'> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer<ArrayBuffer>[] = []
    let length = 0
    // A body that announces more is refused before it comes.
    let isTooLarge = Number(req.headers['content-length'] ?? 0) > BODY_BYTES_MAX
    if (isTooLarge) resolve('too-large')
    req.on('data', (chunk: Buffer<ArrayBuffer>) => {
      length += chunk.length
      isTooLarge ||= length > BODY_BYTES_MAX || !budget.take(chunk.length)
      if (isTooLarge) chunks.length = 0
      else chunks.push(chunk)
    })
    req.on('end', () => {
      const [only] = chunks
      if (isTooLarge) resolve('too-large')
      else resolve(chunks.length === 1 && only ? only : Buffer.concat(chunks))
    })
    req.on('error', reject)
  })
}

const LIMIT = { maxOutputLength: BODY_BYTES_MAX }
const UNPACKERS: ReadonlyMap<string, (bytes: Buffer) => Buffer> = new Map([
  ['identity', (bytes) => bytes],
  ['gzip', (bytes) => gunzipSync(bytes, LIMIT)],
  ['deflate', (bytes) => inflateSync(bytes, LIMIT)],
  ['br', (bytes) => brotliDecompressSync(bytes, LIMIT)],
])

function unpack(bytes: Buffer, encoding: string) {
  const unpacker = UNPACKERS.get(encoding)
  if (unpacker === undefined) {
    return refuse(415, `unsupported content encoding "${encoding}"`)
  }
  try {
    return { kind: 'text', text: unpacker(bytes).toString('utf8') } as const
  } catch (error) {
    return refuse(400, error instanceof Error ? error.message : 'incorrect header check')
  }
}

/** Strict as body-parser: only an object or a list may stand at the top. */
function parseJson(text: string): RequestBody | Refused {
  const first = /[^\x20\t\n\r]/.exec(text)
  if (first !== null && first[0] !== '{' && first[0] !== '[') {
    return refuse(400, strictMessage(text, first.index))
  }
  try {
    return { kind: 'read', body: JSON.parse(text) }
  } catch (error) {
    return refuse(400, syntaxMessage(error))
  }
}

/** Body-parser lets V8 word the complaint about a run of `#`, then puts the caller's characters back. */
function strictMessage(text: string, index: number): string {
  try {
    JSON.parse(text.slice(0, index) + '#'.repeat(text.length - index))
  } catch (error) {
    return syntaxMessage(error).replace(/#+/g, (mark) => text.slice(index, index + mark.length))
  }
  return 'Unexpected token'
}

/** Node 20, which the recorded server runs on, does not add the line and column that later versions do. */
function syntaxMessage(error: unknown): string {
  return error instanceof Error ? error.message.replace(/ \(line \d+ column \d+\)$/, '') : String(error)
}
