import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAddress, createResolve } from '../src/index.ts'

const PUBLIC = '93.184.215.14'

test('takes an https address whose host resolves to the internet, and answers what it resolved to', async () => {
  const checked = await check('https://hooks.example/a?b=c', {
    ips: [PUBLIC, '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  })
  assert.equal(checked.ok && checked.url.href, 'https://hooks.example/a?b=c')
  assert.deepEqual(checked.ok && checked.ips, [PUBLIC, '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])
  for (const url of [
    'https://hooks.example:443/',
    `https://${PUBLIC}/`,
    `https://${PUBLIC}:443`,
    'https://[2606:2800::1]/',
  ])
    assert.equal(await codeOf(url), 'ok', url)
})

test('refuses everything but https on port 443', async () => {
  for (const url of [
    'http://hooks.example/',
    'https://hooks.example:8443/',
    'https://hooks.example:80/',
    'http://hooks.example:443/',
  ])
    assert.equal(await codeOf(url), 'address-insecure', url)
})

test('refuses what is no plain http address, with credentials, blanks or backslashes, or too long', async () => {
  const refused = [
    '',
    'hooks.example',
    '//hooks.example',
    'https:hooks.example',
    'https:\\\\hooks.example',
    'https://hooks.example\\@inner/',
    ' https://hooks.example/',
    'https://hooks.example/\n',
    'https://ho\toks.example/',
    'ftp://hooks.example/',
    'file:///etc/passwd',
    'gopher://hooks.example/',
    'https://user:password@hooks.example/',
    'https://user@hooks.example/',
    'https://@hooks.example/',
    `https://hooks.example/${'x'.repeat(2048)}`,
  ]
  for (const url of refused) assert.equal(await codeOf(url), 'address-invalid', url)
})

const INNER = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '169.254.170.2',
  '168.63.129.16',
  '100.64.0.1',
  '100.100.100.200',
  '192.0.0.192',
  '198.18.0.1',
  '192.0.2.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:93.184.215.14',
  '::127.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::7f00:1',
  '2002:7f00:1::',
  '2001:0:7f00:1::',
  'fe80::1',
  'fec0::1',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '2001:db8::1',
]

test('refuses every address that is not plainly in the internet, as it stands and as what a name resolves to', async () => {
  for (const ip of INNER) {
    const literal = new URL(`https://${ip.includes(':') ? `[${ip}]` : ip}/`).href
    assert.equal(await codeOf(literal), 'address-refused', ip)
    assert.equal(await codeOf('https://hooks.example/', { ips: [ip] }), 'address-refused', ip)
    assert.equal(await codeOf('https://hooks.example/', { ips: [PUBLIC, ip] }), 'address-refused', `${PUBLIC}, ${ip}`)
  }
})

test('refuses IP addresses in disguise, whatever they point to', async () => {
  const disguised = [
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://017700000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://127.0.0.1./',
    'https://%31%32%37.0.0.1/',
    'https://１２７.0.0.1/',
    'https://[0:0:0:0:0:ffff:7f00:1]/',
    'https://1572395790/',
  ]
  for (const url of disguised) assert.equal(await codeOf(url), 'address-invalid', url)
})

test('a name that resolves to nothing, or not in time, is told apart from one that must change, to programs only', async () => {
  const nothing = await check('https://hooks.example/', { ips: [] })
  const failed = await checkAddress('https://hooks.example/', {
    privateNetworks: [],
    resolve: () => Promise.reject(new Error('timeout')),
  })
  const inner = await check('https://hooks.example/', { ips: ['10.0.0.1'] })
  const codes = [nothing, failed, inner].map((answer) => (answer.ok ? 'ok' : answer.code))
  assert.deepEqual(codes, ['address-unresolved', 'address-unresolved', 'address-refused'])
  assert.equal(new Set([nothing, failed, inner].map((answer) => (answer.ok ? '' : answer.detail))).size, 1)
})

test('networks that are listed may be called by plain http and on any port, and nothing else may', async () => {
  const privateNetworks = ['127.0.0.0/8', 'fd00::/8']
  const allowed = ['http://127.0.0.1:8080/', 'https://127.0.0.1/', 'http://[fd00::1]/', 'http://inner.example:99/']
  for (const url of allowed) assert.equal(await codeOf(url, { ips: ['127.0.0.1'], privateNetworks }), 'ok', url)
  const codes = {
    'http://10.0.0.1/': 'address-refused',
    'http://[::1]/': 'address-refused',
    'http://[::ffff:127.0.0.1]/': 'address-invalid',
    'https://[::ffff:7f00:1]/': 'address-refused',
    [`http://${PUBLIC}/`]: 'address-insecure',
    'http://2130706433/': 'address-invalid',
  }
  for (const [url, code] of Object.entries(codes)) assert.equal(await codeOf(url, { privateNetworks }), code, url)
  const mixed = await codeOf('http://inner.example/', { ips: ['127.0.0.1', PUBLIC], privateNetworks })
  assert.equal(mixed, 'address-insecure')
})

test('localhost is the loopback without asking a name server', async () => {
  const resolve = createResolve({ timeoutMs: 1 })
  for (const host of ['localhost', 'a.localhost', 'localhost.'])
    assert.deepEqual(await resolve(host), ['127.0.0.1', '::1'], host)
})

type Given = Readonly<{ ips?: readonly string[]; privateNetworks?: readonly string[] }>

async function check(url: string, { ips = [PUBLIC], privateNetworks = [] }: Given = {}) {
  return await checkAddress(url, { privateNetworks, resolve: async () => ips })
}

async function codeOf(url: string, given?: Given): Promise<string> {
  const checked = await check(url, given)
  return checked.ok ? 'ok' : checked.code
}
