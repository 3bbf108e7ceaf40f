import { flattenMessage } from './flatten-message.ts'
import type { HttpAnswer } from './http-exchange.ts'
import { isRecord, parseJson, textAt, valueAt } from './json.ts'
import { retryAfterMs } from './retry-after.ts'

/**
 * Whose words a body is:
 * - `evolution`: one of its error shapes, or any JSON object under a success
 * - `parser`: its JSON parser, which answers before every other check
 * - `meta`: the bare error object of Meta's API
 * - `bare`: the raw value a number check throws, `{}` or a Boom object
 * - `foreign`: anything else, so a proxy's
 */
export type Author = 'evolution' | 'parser' | 'meta' | 'bare' | 'foreign'

/** An answer, read once. */
export type Answer = Readonly<{
  status: number
  author: Author
  json: unknown
  isCut: boolean
  /** Everything Evolution said, one text; for a foreign body the body. */
  text: string
  isSchemaList: boolean
  isUnregistered: boolean
  metaCode: number | undefined
  retryAfterMs: number | undefined
}>

export function readAnswer(answer: HttpAnswer): Answer {
  const json = answer.isCut ? undefined : parseJson(answer.text)
  const author = authorOf(answer.status, json)
  const { texts, isNested, isUnregistered } = flattenMessage(
    valueAt(json, 'response', 'message') ?? valueAt(json, 'message'),
  )
  return {
    status: answer.status,
    author,
    json,
    isCut: answer.isCut,
    text: author === 'foreign' ? answer.text : (boomText(json) ?? texts.join('; ')),
    isSchemaList: isNested,
    isUnregistered,
    metaCode: author === 'meta' ? metaCodeOf(json) : undefined,
    retryAfterMs: retryAfterMs(answer.retryAfter),
  }
}

function authorOf(status: number, json: unknown): Author {
  if (!isRecord(json)) return 'foreign'
  if (status < 300) return metaCodeOf(json) === undefined ? 'evolution' : 'meta'
  if (Object.keys(json).length === 0 || json['isBoom'] === true) return 'bare'
  if (json['status'] !== status) return 'foreign'
  return status < 500 && json['error'] === 'Internal Server Error' ? 'parser' : 'evolution'
}

/** Meta's error object, bare or under `error`. */
function metaCodeOf(json: unknown): number | undefined {
  const error = isRecord(valueAt(json, 'error')) ? valueAt(json, 'error') : json
  const code = valueAt(error, 'code')
  return typeof code === 'number' && textAt(error, 'message') !== undefined ? code : undefined
}

function boomText(json: unknown): string | undefined {
  return textAt(json, 'output', 'payload', 'message')
}
