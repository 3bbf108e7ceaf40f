import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PrometheusProgram } from './find-prometheus.ts'
import { prometheusCommand } from './prometheus-command.ts'

const DOCKER: PrometheusProgram = { kind: 'container', runtime: 'docker', file: '/usr/bin/docker' }
const env = { PATH: '/usr/bin', DOCKER_HOST: 'unix:///run/docker.sock', JWT_SECRET: 'a', ADMIN_PASSWORD: 'b' }
const place = { directory: '/data/prometheus', host: '127.0.0.1', port: 9091, env }

test('a program of this machine listens where it is told, and reads and keeps everything in its folder', () => {
  const command = prometheusCommand({ kind: 'binary', file: '/usr/bin/prometheus' }, place)
  assert.equal(command.file, '/usr/bin/prometheus')
  assert.deepEqual(command.args.slice(0, 2), [
    '--config.file=/data/prometheus/prometheus.yaml',
    '--storage.tsdb.path=/data/prometheus/data',
  ])
  assert.ok(command.args.includes('--web.listen-address=127.0.0.1:9091'))
})

test('a container on Linux has the network of the machine and the same address, and is gone when it ends', () => {
  const { args } = prometheusCommand(DOCKER, place, 'linux')
  for (const arg of [
    '--rm',
    '--network=host',
    '--volume=/data/prometheus:/observe',
    '--web.listen-address=127.0.0.1:9091',
  ]) {
    assert.ok(args.includes(arg), arg)
  }
})

test('a container elsewhere is reached on loopback only', () => {
  const { args } = prometheusCommand(DOCKER, place, 'darwin')
  assert.ok(args.includes('--publish=127.0.0.1:9091:9090') && args.includes('--web.listen-address=0.0.0.0:9090'))
  assert.ok(!args.includes('--network=host'))
})

test('neither is told a secret of the services', () => {
  for (const program of [DOCKER, { kind: 'binary', file: 'prometheus' } as const]) {
    const told = prometheusCommand(program, place).env
    assert.equal(told['PATH'], '/usr/bin')
    assert.deepEqual(
      Object.keys(told).filter((name) => /SECRET|PASSWORD/.test(name)),
      [],
    )
  }
})
