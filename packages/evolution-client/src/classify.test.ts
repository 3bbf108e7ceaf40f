import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeliveryErrorKind } from '@whatsapp-sender/contract'
import fc from 'fast-check'
import type { ObservedState, Route } from './classification.ts'
import { classify } from './classify.ts'
import { FAILURES, type FailureCode } from './failure-codes.ts'

type Row = readonly [
  title: string,
  status: number,
  body: unknown,
  kind: DeliveryErrorKind,
  code: FailureCode,
  asked?: { state: ObservedState } | undefined,
  route?: Route,
]

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
}

function evolution(status: number, message: unknown, error = TITLES[status]): unknown {
  return { status, error, response: { message } }
}

const undefinedOf = (name: string): string => `Cannot read properties of undefined (reading '${name}')`
const PRISMA_500 = '\nInvalid `this.prismaRepository.contact.findMany()` invocation in\n/evolution/dist/main.js:12:34\n'
const OUTSIDE = [{ jid: '5511999990404@s.whatsapp.net', exists: false, number: '5511999990404' }]
const THROWN = ['[object Object]']
const BOOM = {
  data: null,
  isBoom: true,
  isServer: false,
  output: {
    statusCode: 428,
    payload: { statusCode: 428, error: 'Precondition Required', message: 'Connection Closed' },
  },
}

/** Not recorded: WhatsApp's 429 as the library under Evolution throws it. */
const TOO_MUCH = {
  data: 429,
  isBoom: true,
  isServer: false,
  output: { statusCode: 429, payload: { statusCode: 429, error: 'Too Many Requests', message: 'rate-overlimit' } },
}

const GUARDS: readonly Row[] = [
  [
    'unknown instance',
    404,
    evolution(404, ['The "nope" instance does not exist']),
    'configuration',
    'instance-missing',
  ],
  ['no such POST route', 404, evolution(404, ['Cannot POST /message/sendText']), 'configuration', 'route-missing'],
  ['no such GET route', 404, evolution(404, ['Cannot GET /message/sendText/nope']), 'configuration', 'route-missing'],
  ['wrong key', 401, evolution(401, 'Unauthorized'), 'configuration', 'unauthorized'],
  ['no instance name', 400, evolution(400, ['"instanceName" not provided.']), 'permanent', 'content-refused'],
  [
    'database down at a guard',
    500,
    evolution(500, ['PrismaClientKnownRequestError: …']),
    'server-down',
    'database-down',
  ],
  ['database down before the send', 500, evolution(500, PRISMA_500), 'server-down', 'database-down'],
]

const PARSER: readonly Row[] = [
  ...['Unterminated string in JSON at position 15', 'Unexpected end of JSON input', `Unexpected token 'n'`].map(
    (text): Row => [text, 400, evolution(400, text, 'Internal Server Error'), 'permanent', 'body-refused'],
  ),
  ['charset', 415, evolution(415, 'unsupported charset "ISO-8859-1"', TITLES[500]), 'permanent', 'body-refused'],
  ['too large', 413, evolution(413, 'request entity too large', TITLES[500]), 'permanent', 'body-refused'],
]

const SCHEMA: readonly Row[] = [
  [['instance requires property "number"', 'instance requires property "text"']],
  [['instance requires property "text"']],
  [['Invalid format', 'text is not of a type(s) string']],
  [['Enter a value in milliseconds']],
  [['linkPreview is not of a type(s) boolean']],
  [['mentioned does not meet minimum length of 1']],
  [['"mentioned" must be an array of numeric strings']],
  [['quoted.key requires property "id"']],
  [['mediatype is not one of enum values: image,document,video,audio']],
].map(
  (message): Row => [`schema: ${message.flat().join()}`, 400, evolution(400, message), 'permanent', 'schema-refused'],
)

const OWN_CHECKS: readonly Row[] = [
  ['blank text', 400, evolution(400, ['Text is required']), 'permanent', 'content-refused'],
  ['media', 400, evolution(400, ['Owned media must be a url or base64']), 'permanent', 'content-refused'],
  ['file name', 400, evolution(400, ['For base64 the file name must be informed.']), 'permanent', 'content-refused'],
  ['not on WhatsApp', 400, evolution(400, OUTSIDE), 'permanent', 'not-on-whatsapp'],
  [
    'a number that is none',
    400,
    evolution(400, ['Error: JID decoded but user is empty: "@s.whatsapp.net" -> user: "", server: "s.whatsapp.net"']),
    'permanent',
    'number-unusable',
  ],
  ['a bug of the server', 500, evolution(500, undefinedOf('length')), 'permanent', 'server-bug'],
  [
    'sound',
    400,
    evolution(400, ['Owned media must be a url, base64, or valid file with buffer']),
    'permanent',
    'content-refused',
  ],
  [
    'emoji',
    400,
    evolution(400, ['Reaction must be a single emoji or empty string to remove reaction']),
    'permanent',
    'content-refused',
  ],
  ...[
    'At least one button is required',
    'Maximum of 3 reply buttons allowed',
    'Reply buttons cannot be mixed with other types',
    'Only one PIX button is allowed',
  ].map((text): Row => [text, 400, evolution(400, [text]), 'permanent', 'content-refused']),
  ...[
    [500, 'Method not available in the Baileys service'],
    [400, ['Method not available on Evolution Channel']],
    [400, ['Method not available on WhatsApp Business API']],
    [500, 'this.waMonitor.waInstances[instanceName].ptvMessage is not a function'],
  ].map(
    ([status, message]): Row => [
      String(message),
      Number(status),
      evolution(Number(status), message),
      'permanent',
      'kind-refused',
    ],
  ),
  [
    'a channel without the route, when an instance is set up',
    400,
    evolution(400, ['Method not available on Evolution Channel']),
    'configuration',
    'setup-refused',
    undefined,
    'instance',
  ],
  [
    'integration',
    400,
    evolution(400, ['Invalid integration']),
    'configuration',
    'setup-refused',
    undefined,
    'instance',
  ],
  ['token', 400, evolution(400, ['token is required']), 'configuration', 'setup-refused', undefined, 'instance'],
  ['number', 400, evolution(400, ['number is required']), 'configuration', 'setup-refused', undefined, 'instance'],
  ['name in use', 403, evolution(403, ['This name "a1" is already in use.']), 'configuration', 'name-in-use'],
]

const NOT_CONNECTED: readonly Row[] = [
  ...['mediaMessage', 'audioWhatsapp', 'mediaSticker', 'ptvMessage', 'pollMessage', 'reactionMessage'].map(
    (name): Row => [`loading: ${name}`, 500, evolution(500, undefinedOf(name)), 'instance-down', 'instance-loading'],
  ),
  ...[
    ['Error: Request failed with status code 404'],
    ['AxiosError: Request failed with status code 403'],
    ['Error: ffmpeg exited with code 1'],
    ['Error: Media upload failed on all hosts'],
  ].map(
    (message): Row => [
      `file: ${message.join()}`,
      500,
      evolution(500, message),
      'transient',
      'media-failed',
      undefined,
      'media',
    ],
  ),
  [
    'file: the same words of a send without one tell of the server',
    500,
    evolution(500, ['Error: Request failed with status code 404']),
    'transient',
    'server-error',
    { state: 'open' },
  ],
  [
    'file: no socket to upload by',
    500,
    evolution(500, [`TypeError: ${undefinedOf('waUploadToServer')}`]),
    'instance-down',
    'instance-disconnected',
    undefined,
    'media',
  ],
  [
    'file: closed during the upload',
    500,
    evolution(500, ['Error: Connection Closed']),
    'instance-down',
    'instance-disconnected',
    undefined,
    'media',
  ],
  ['never connected', 500, evolution(500, undefinedOf('onWhatsApp')), 'instance-down', 'never-connected'],
  ['group, close', 400, evolution(400, THROWN), 'instance-down', 'instance-not-open', { state: 'close' }],
  [
    'lid, close',
    400,
    evolution(400, [`TypeError: ${undefinedOf('sendMessage')}`]),
    'instance-down',
    'instance-disconnected',
  ],
  ['connecting', 500, evolution(500, 'Connection Closed'), 'instance-down', 'instance-disconnected'],
  [
    'look-up, connecting',
    500,
    evolution(500, undefinedOf('find')),
    'instance-down',
    'instance-not-open',
    { state: 'connecting' },
  ],
  ['booting', 500, evolution(500, undefinedOf('textMessage')), 'instance-down', 'instance-loading'],
  ['logged out, cached', 400, evolution(400, ['Error: Connection Closed']), 'instance-down', 'instance-disconnected'],
  [
    'media, close',
    500,
    evolution(500, [`TypeError: ${undefinedOf('waUploadToServer')}`]),
    'instance-down',
    'instance-disconnected',
  ],
  ['media, connecting', 500, evolution(500, ['Error: Connection Closed']), 'instance-down', 'instance-disconnected'],
  ['socket lost in the look-up', 500, evolution(500, 'Internal Server Error'), 'instance-down', 'socket-lost'],
  [
    'logout when closed',
    400,
    evolution(400, ['The "a1" instance is not connected']),
    'instance-down',
    'instance-disconnected',
    undefined,
    'instance',
  ],
]

const CONNECTED: readonly Row[] = [
  ['group, open', 400, evolution(400, THROWN), 'ambiguous', 'send-block-error', { state: 'open' }],
  ['rate limit', 500, evolution(500, 'rate-overlimit'), 'rate-limited', 'whatsapp-rate-limit'],
  ['look-up, open', 500, evolution(500, undefinedOf('find')), 'transient', 'lookup-unanswered', { state: 'open' }],
  ['key fetch', 400, evolution(400, ['SessionError: No sessions']), 'transient', 'keys-unanswered'],
  [
    'U+0000 or a database down after the send',
    400,
    evolution(400, ['DriverAdapterError: unsupported Unicode escape sequence']),
    'ambiguous',
    'database-failed-after-send',
  ],
  ['WhatsApp timed out, 400', 400, evolution(400, ['Error: Timed Out']), 'ambiguous', 'whatsapp-timed-out'],
  ['WhatsApp timed out, 500', 500, evolution(500, 'Timed Out'), 'ambiguous', 'whatsapp-timed-out'],
  ['media fetch', 500, evolution(500, ['Error: getaddrinfo ENOTFOUND example.com']), 'transient', 'media-failed'],
  ['media upload', 500, evolution(500, ['Error: Media upload failed on all hosts']), 'transient', 'media-failed'],
  [
    'Meta gave no JSON',
    400,
    evolution(400, [`TypeError: ${undefinedOf('message')}`]),
    'ambiguous',
    'business-no-answer',
  ],
  ['Meta: recipient', 201, meta(131030), 'permanent', 'meta-recipient-refused'],
  ['Meta: token', 201, meta(190), 'configuration', 'meta-access-refused'],
  ['Meta: permission', 201, meta(200), 'configuration', 'meta-access-refused'],
  ['Meta: message', 201, meta(100), 'permanent', 'meta-message-refused'],
  ['Meta: limit', 201, meta(130429), 'rate-limited', 'meta-rate-limit'],
  ['Meta: other', 201, meta(131016), 'transient', 'meta-error'],
]

const NUMBERS: readonly Row[] = [
  ['close', 400, {}, 'instance-down', 'instance-not-open', undefined, 'numbers'],
  ['connecting', 400, BOOM, 'instance-down', 'instance-not-open', undefined, 'numbers'],
  ['asked too much', 400, TOO_MUCH, 'rate-limited', 'whatsapp-rate-limit', undefined, 'numbers'],
  ...['numbers does not meet minimum length of 1', 'numbers contains duplicate item'].map(
    (text): Row => [
      text,
      400,
      { status: 400, error: 'Bad Request', message: [[text]] },
      'permanent',
      'schema-refused',
      undefined,
      'numbers',
    ],
  ),
  [
    'EVOLUTION channel',
    400,
    { status: 400, error: 'Bad Request', message: ['Method not available on Evolution Channel'] },
    'configuration',
    'setup-refused',
    undefined,
    'numbers',
  ],
]

const UNKNOWN: readonly Row[] = [
  ['500, open', 500, evolution(500, 'new words'), 'transient', 'server-error', { state: 'open' }],
  ['500, close', 500, evolution(500, 'new words'), 'instance-down', 'instance-not-open', { state: 'close' }],
  ['500, loading', 500, evolution(500, 'new words'), 'instance-down', 'instance-not-open', { state: 'loading' }],
  ['500, state unknown', 500, evolution(500, 'new words'), 'transient', 'server-error', { state: 'unknown' }],
  ['500 without a body', 500, '', 'transient', 'server-error', { state: 'open' }],
  ['400, open', 400, evolution(400, ['Error: new words']), 'ambiguous', 'send-block-error', { state: 'open' }],
  [
    '400, connecting',
    400,
    evolution(400, ['Error: new words']),
    'instance-down',
    'instance-not-open',
    { state: 'connecting' },
  ],
  [
    '400, state unknown',
    400,
    evolution(400, ['Error: new words']),
    'ambiguous',
    'send-block-error',
    { state: 'unknown' },
  ],
]

const PROXIES: readonly Row[] = [
  ['200 with a page', 200, '<html>login</html>', 'ambiguous', 'unreadable-success'],
  ['201 without key.id', 201, { key: {} }, 'ambiguous', 'unreadable-success'],
  ['201 with an empty key.id', 201, { key: { id: '' } }, 'ambiguous', 'unreadable-success'],
  ['204', 204, '', 'ambiguous', 'unreadable-success'],
  ['a redirect', 302, '', 'configuration', 'redirected'],
  ['429', 429, 'slow down', 'rate-limited', 'proxy-rate-limit'],
  ['502', 502, '<html>502 Bad Gateway</html>', 'ambiguous', 'gateway-lost-answer'],
  ['504', 504, '', 'ambiguous', 'gateway-lost-answer'],
  ['503', 503, '<html>503</html>', 'server-down', 'gateway-without-server'],
  ['503 with JSON of the proxy', 503, { code: 503, message: 'no backend' }, 'server-down', 'gateway-without-server'],
  [
    '503 of Envoy, connection broken later',
    503,
    'upstream connect error or disconnect/reset before headers. reset reason: connection termination',
    'ambiguous',
    'gateway-lost-answer',
  ],
  [
    '503 of Envoy, never connected',
    503,
    'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure',
    'server-down',
    'gateway-without-server',
  ],
  ['403 of a proxy', 403, '<html>forbidden</html>', 'configuration', 'forbidden'],
  ['413 of a proxy', 413, '<html>too large</html>', 'permanent', 'body-refused'],
]

function meta(code: number): unknown {
  return { message: `(#${code}) refused`, type: 'OAuthException', code, fbtrace_id: 'x' }
}

const GROUPS = { GUARDS, PARSER, SCHEMA, OWN_CHECKS, NOT_CONNECTED, CONNECTED, NUMBERS, UNKNOWN, PROXIES }

for (const [group, rows] of Object.entries(GROUPS)) {
  describe(group.toLowerCase().replace('_', ' '), () => {
    for (const [title, status, body, kind, code, asked, route = 'send'] of rows) {
      test(`${status} ${title} is ${kind}, ${code}`, async () => {
        let questions = 0
        const lookUpState = async (): Promise<ObservedState> => {
          questions++
          return asked?.state ?? 'unknown'
        }
        const text = typeof body === 'string' ? body : JSON.stringify(body)
        const failure = await classify({ status, text, isCut: false }, { route, lookUpState })
        assert.deepEqual({ kind: failure.kind, code: failure.code }, { kind, code })
        assert.equal(failure.httpStatus, status)
        assert.equal(questions, asked === undefined ? 0 : 1, 'the state is asked only when the words do not decide')
      })
    }
  })
}

const OPEN = { route: 'send', lookUpState: async (): Promise<ObservedState> => 'open' } as const

test('a success that was cut may have been sent', async () => {
  const failure = await classify({ status: 201, text: '{"key":{"id":"3EB0"}', isCut: true }, OPEN)
  assert.deepEqual([failure.kind, failure.code], ['ambiguous', 'answer-too-long'])
})

test('a pause that is named with an error that may pass is kept, and one with a refusal for good is not', async () => {
  const answered = (status: number, message: unknown) =>
    classify({ status, text: JSON.stringify(evolution(status, message)), isCut: false, retryAfter: '7' }, OPEN)
  assert.deepEqual(
    [(await answered(500, 'nobody knows')).kind, (await answered(500, 'nobody knows')).retryAfterMs],
    ['transient', 7000],
  )
  assert.equal((await answered(500, [PRISMA_500])).retryAfterMs, 7000)
  assert.equal((await answered(400, ['Text is required'])).retryAfterMs, undefined)
})

test('the pause a proxy names wins over ours', async () => {
  const named = await classify({ status: 429, text: '', isCut: false, retryAfter: '7' }, OPEN)
  assert.equal(named.retryAfterMs, 7_000)
  const unnamed = await classify({ status: 429, text: '', isCut: false }, OPEN)
  assert.equal(unnamed.retryAfterMs, 30_000)
})

test('a key, a text and a number that come back are not repeated in the detail', async () => {
  const text = JSON.stringify(evolution(400, ['Error: tok-a1 said "see you at nine" to 5511999991000']))
  const failure = await classify(
    { status: 400, text, isCut: false },
    { ...OPEN, withheld: ['tok-a1', 'see you at nine'] },
  )
  assert.equal(failure.detail, 'Error: <withheld> said "<withheld>" to …1000')
})

test('any status and any body has a kind, a known code and a short detail', async () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((json) => `{"status":400,"response":{"message":${json}}}`),
  )
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 100, max: 999 }), body, fc.boolean(), async (status, text, isCut) => {
      const failure = await classify({ status, text, isCut, retryAfter: text }, OPEN)
      assert.ok(Object.hasOwn(FAILURES, failure.code))
      assert.ok(failure.detail.length > 0 && failure.detail.length <= 500)
      assert.ok(
        failure.retryAfterMs === undefined || (failure.retryAfterMs >= 1_000 && failure.retryAfterMs <= 900_000),
      )
    }),
  )
})
