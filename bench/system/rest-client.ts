import { z } from 'zod'

/** Calls the API as a user of the product would. */
export type RestClient = Readonly<{
  token: string
  /** @throws on every status but the expected one */
  call(method: string, path: string, body: unknown, expected: number): Promise<unknown>
}>

export function restClient(api: string, token = ''): RestClient {
  return {
    token,
    call: async (method, path, body, expected) => {
      const response = await fetch(`${api}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...(token !== '' && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify(body),
      })
      const text = await response.text()
      if (response.status !== expected) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      const answer: unknown = JSON.parse(text)
      return answer
    },
  }
}

const LoggedIn = z.object({ access_token: z.string() })

export async function logIn(api: string, account: Readonly<{ email: string; password: string }>): Promise<RestClient> {
  const answer = await restClient(api).call('POST', '/user/login', account, 200)
  return restClient(api, LoggedIn.parse(answer).access_token)
}
