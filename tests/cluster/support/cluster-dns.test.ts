import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { test } from 'node:test'
import { startClusterDns } from './cluster-dns.ts'

test('a Service is found by its name in the cluster, and nothing else is', async (t) => {
  const dns = await startClusterDns({ host: '127.0.0.1', port: 0 }, async (service, namespace) =>
    service === 'wa-api' && namespace === 'shop' ? '10.98.0.7' : undefined,
  )
  t.after(dns.stop)
  const resolver = new Resolver()
  resolver.setServers([`127.0.0.1:${dns.port}`])
  assert.deepEqual(await resolver.resolve4('wa-api.shop.svc.cluster.local'), ['10.98.0.7'])
  await assert.rejects(resolver.resolve6('wa-api.shop.svc.cluster.local'), { code: 'ENODATA' })
  for (const name of ['wa-api.other.svc.cluster.local', 'wa-api.shop.svc', 'example.com']) {
    await assert.rejects(resolver.resolve4(name), { code: 'ENOTFOUND' }, name)
  }
})
