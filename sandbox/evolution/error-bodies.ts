import type { Answer } from './http/answer.ts'

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
}

/** The usual error: `message` is a string, a list, a list in a list or a list of objects, as the case demands. */
export function errorAnswer(status: number, message: unknown): Answer {
  return { status, body: { status, error: TITLES[status] ?? 'Internal Server Error', response: { message } } }
}

/** Errors of the body parser carry this title whatever their status. */
export function parserError(status: number, message: string): Answer {
  return { status, body: { status, error: 'Internal Server Error', response: { message } } }
}

/** Schema faults come as a list in a list. */
export function schemaError(faults: readonly string[]): Answer {
  return errorAnswer(400, [faults])
}

/** The chat routes leave out `response`. */
export function bareBadRequest(message: unknown): Answer {
  return { status: 400, body: { status: 400, error: 'Bad Request', message } }
}

export function unknownRoute(method: string, url: string): Answer {
  return errorAnswer(404, [`Cannot ${method} ${url}`])
}

export function unknownInstance(name: string): Answer {
  return errorAnswer(404, [`The "${name}" instance does not exist`])
}

export const unauthorized = errorAnswer(401, 'Unauthorized')

/** While an instance is not in memory the server trips over the method it would have called. */
export function notLoaded(method: string): Answer {
  return errorAnswer(500, `Cannot read properties of undefined (reading '${method}')`)
}

export const evolutionChannelLacks = errorAnswer(400, ['Method not available on Evolution Channel'])
export const businessChannelLacks = errorAnswer(400, ['Method not available on WhatsApp Business API'])
export const templateOverBaileys = errorAnswer(500, 'Method not available in the Baileys service')

/** Errors of the send routes, named by what happened. The status is part of the meaning: the same words differ under 400 and 500. */
export const sendErrors = {
  neverConnected: errorAnswer(500, "Cannot read properties of undefined (reading 'onWhatsApp')"),
  closedDuringLookUp: errorAnswer(500, 'Connection Closed'),
  closedDuringSend: errorAnswer(400, ['Error: Connection Closed']),
  closedDuringUpload: errorAnswer(500, ['Error: Connection Closed']),
  noSocket: errorAnswer(400, ["TypeError: Cannot read properties of undefined (reading 'sendMessage')"]),
  noSocketForUpload: errorAnswer(500, ["TypeError: Cannot read properties of undefined (reading 'waUploadToServer')"]),
  uploadFailed: errorAnswer(500, ['Error: Media upload failed on all hosts']),
  thrownObject: errorAnswer(400, ['[object Object]']),
  blankText: errorAnswer(400, ['Text is required']),
  mediaNowhere: errorAnswer(400, ['Owned media must be a url or base64']),
  audioNowhere: errorAnswer(400, ['Owned media must be a url, base64, or valid file with buffer']),
  fileNameMissing: errorAnswer(400, ['For base64 the file name must be informed.']),
  fileNotRead: errorAnswer(500, 'File or buffer is undefined.'),
  formBroken: errorAnswer(500, 'Unexpected end of form'),
  notAnEmoji: errorAnswer(400, ['Reaction must be a single emoji or empty string to remove reaction']),
  noButtons: errorAnswer(500, "Cannot read properties of undefined (reading 'length')"),
  emptyUser: errorAnswer(400, [
    'Error: JID decoded but user is empty: "@s.whatsapp.net" -> user: "", server: "s.whatsapp.net", device: undefined',
  ]),
  lookUpUnanswered: errorAnswer(500, "Cannot read properties of undefined (reading 'find')"),
  keysUnanswered: errorAnswer(400, ['SessionError: No sessions']),
  rateOverlimit: errorAnswer(500, 'rate-overlimit'),
  socketLost: errorAnswer(500, 'Internal Server Error'),
  databaseDown: errorAnswer(
    500,
    '\nInvalid `this.prismaRepository.contact.findMany()` invocation in\n/evolution/dist/main.js\n\n' +
      "Can't reach database server at `127.0.0.1:5432`",
  ),
  /** The message is out, or the event is, and then its row cannot be written. */
  databaseDownAfterSend: errorAnswer(400, [
    'PrismaClientKnownRequestError: \nInvalid `this.prismaRepository.message.create()` invocation in\n' +
      "/evolution/dist/main.js\n\nCan't reach database server at `127.0.0.1:5432`",
  ]),
  rowRefused: errorAnswer(400, ['DriverAdapterError: unsupported Unicode escape sequence']),
  metaUnreadable: errorAnswer(400, ["TypeError: Cannot read properties of undefined (reading 'message')"]),
  notOnWhatsApp: (jid: string, number: string) => errorAnswer(400, [{ jid, exists: false, number }]),
} as const

/** What Meta answers; the server passes it on under 201. */
export const metaErrors = {
  notAllowed: metaError('(#131030) Recipient phone number not in allowed list', 131_030),
  badToken: metaError('Error validating access token: The session is invalid because the user logged out.', 190),
} as const

function metaError(message: string, code: number): Answer {
  return { status: 201, body: { message, type: 'OAuthException', code, fbtrace_id: 'x' } }
}
