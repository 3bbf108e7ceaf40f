import { dataOf } from './api-error.ts'
import { type Client, type ClientOptions, createClient } from './create-client.ts'
import { renewing } from './renewing.ts'

/**
 * A client of one account, for programs that run for long: it logs in with its first call, keeps the session going, and
 * logs in anew with the next call after it was refused. A login that is refused is thrown as an `ApiError`.
 */
export function createAccountClient({
  baseUrl,
  email,
  password,
  fetch,
}: Readonly<{ email: string; password: string }> & Pick<ClientOptions, 'baseUrl' | 'fetch'>): Client {
  const options = { baseUrl, ...(fetch && { fetch }) }
  const anonymous = createClient(options)
  let session: Promise<() => Promise<string>> | undefined

  async function logIn(): Promise<() => Promise<string>> {
    const tokens = await dataOf(anonymous.POST('/user/login', { body: { email, password } }))
    return renewing({ ...options, tokens })
  }

  async function token(): Promise<string> {
    session ??= logIn()
    const current = session
    try {
      const read = await current
      return await read()
    } catch (error) {
      if (session === current) session = undefined
      throw error
    }
  }

  const client = createClient({ ...options, token })
  client.use({
    onResponse: ({ response }) => {
      if (response.status === 401) session = undefined
    },
  })
  return client
}
