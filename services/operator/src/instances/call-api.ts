import { buffer } from 'node:stream/consumers'
import { sendRequest } from '../send-request.ts'

/** Of these a `Response` takes no body, not even an empty one. */
const WITHOUT_BODY = new Set([204, 205, 304])

/** As `fetch`, for the answers of an API, which are short: they are read to their end. Redirections are answers too. */
export async function callApi(request: Request): Promise<Response> {
  const { method, signal } = request
  const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer())
  const headers = {
    accept: 'application/json',
    'user-agent': 'whatsapp-operator',
    ...Object.fromEntries(request.headers),
    ...(body && { 'content-length': body.length }),
  }
  const answer = await sendRequest(new URL(request.url), { options: { method, headers }, body, signal })
  const { statusCode: status = 0 } = answer
  const content = await buffer(answer)
  return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(content), {
    status,
    headers: Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  })
}
