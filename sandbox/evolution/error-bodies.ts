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

/** Errors of `sendText`, named by what happened. The status is part of the meaning: the same words differ under 400 and 500. */
export const sendErrors = {
  neverConnected: errorAnswer(500, "Cannot read properties of undefined (reading 'onWhatsApp')"),
  notLoaded: errorAnswer(500, "Cannot read properties of undefined (reading 'textMessage')"),
  closedDuringLookUp: errorAnswer(500, 'Connection Closed'),
  closedDuringSend: errorAnswer(400, ['Error: Connection Closed']),
  noSocket: errorAnswer(400, ["TypeError: Cannot read properties of undefined (reading 'sendMessage')"]),
  thrownObject: errorAnswer(400, ['[object Object]']),
  blankText: errorAnswer(400, ['Text is required']),
  emptyUser: errorAnswer(400, [
    'Error: JID decoded but user is empty: "@s.whatsapp.net" -> user: "", server: "s.whatsapp.net", device: undefined',
  ]),
  lookUpUnanswered: errorAnswer(500, "Cannot read properties of undefined (reading 'find')"),
  rateOverlimit: errorAnswer(500, 'rate-overlimit'),
  socketLost: errorAnswer(500, 'Internal Server Error'),
  databaseDown: errorAnswer(
    500,
    '\nInvalid `this.prismaRepository.contact.findMany()` invocation in\n/evolution/dist/main.js\n\n' +
      "Can't reach database server at `127.0.0.1:5432`",
  ),
  rowRefused: errorAnswer(400, ['DriverAdapterError: unsupported Unicode escape sequence']),
  notOnWhatsApp: (jid: string, number: string) => errorAnswer(400, [{ jid, exists: false, number }]),
} as const
