/** Calls the API as a user of the product would. Throws on every answer but the expected one. */
export type RestClient = Readonly<{
  token: string
  call<T>(method: string, path: string, body: unknown, expected: number): Promise<T>
}>

export function restClient(api: string, token = ''): RestClient {
  return {
    token,
    call: async <T>(method: string, path: string, body: unknown, expected: number) => {
      const response = await fetch(`${api}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...(token !== '' && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify(body),
      })
      const text = await response.text()
      if (response.status !== expected) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      const answer: T = JSON.parse(text)
      return answer
    },
  }
}

export async function logIn(api: string, account: Readonly<{ email: string; password: string }>): Promise<RestClient> {
  const { email, password } = account
  const answer = await restClient(api).call<{ access_token: string }>('POST', '/user/login', { email, password }, 200)
  return restClient(api, answer.access_token)
}
