// `helm test`: waits until the API answers; on a sandbox it then sends a message and follows it until it is read.
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

const { API_URL, ADMIN_EMAIL, ADMIN_PASSWORD_FILE, TIMEOUT_SECONDS = '300' } = process.env
const INSTANCE = 'helm-test'
const RECIPIENT = '+5511999991000'

await until('the API is ready', async () => (await ask('GET', '/openapi.json')).status === 200)
if (ADMIN_EMAIL && ADMIN_PASSWORD_FILE) await sendAndFollow()

async function sendAndFollow() {
  const password = readFileSync(ADMIN_PASSWORD_FILE, 'utf8').trim()
  let token
  await until('the administrator can log in', async () => {
    const { status, body } = await ask('POST', '/user/login', { body: { email: ADMIN_EMAIL, password } })
    token = body?.access_token
    return status === 200 || status === 201
  })
  await demand(201, 'POST', '/v1/instances', { token, body: { name: INSTANCE } })
  try {
    await until('the instance is connected', async () => {
      const { body } = await ask('GET', `/v1/instances/${INSTANCE}`, { token })
      return body?.state === 'open'
    })
    const message = { instance: INSTANCE, to: RECIPIENT, text: 'helm test' }
    const { id } = await demand(202, 'POST', '/v1/messages', { token, body: message })
    await until(`message ${id} is read`, async () => {
      const { body } = await ask('GET', `/v1/messages/${id}`, { token })
      return body?.status === 'read'
    })
  } finally {
    await ask('DELETE', `/v1/instances/${INSTANCE}`, { token })
  }
}

async function demand(wanted, method, path, options) {
  const { status, body } = await ask(method, path, options)
  if (status !== wanted) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
  return body
}

async function ask(method, path, { token, body } = {}) {
  try {
    const response = await fetch(new URL(path, API_URL), {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    })
    return { status: response.status, body: JSON.parse((await response.text()) || 'null') }
  } catch (error) {
    return { status: 0, body: { problem: `${error.message} ${error.cause?.message ?? ''}` } }
  }
}

async function until(what, isSo) {
  const deadline = performance.now() + Number(TIMEOUT_SECONDS) * 1000
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${TIMEOUT_SECONDS} s in vain until ${what}`)
    await wait(500)
  }
  console.log(what)
}
