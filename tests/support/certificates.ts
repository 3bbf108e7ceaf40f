import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type SelfSigned = Readonly<{ key: string; cert: string; certFile: string }>

export type Authority = Readonly<{
  certificate: string
  certificateFile: string
  /** A key and a certificate for 127.0.0.1, in one file. */
  certify(name: string): string
}>

const DAYS = 30

/** Why there are no certificates to test with, or false: for the option `skip` of a suite. */
export function whyNoCertificates(): string | false {
  return spawnSync('openssl', ['version']).status === 0 ? false : 'no openssl to make certificates with'
}

/** A certificate in `directory` that is its own authority, for 127.0.0.1, valid for so many days from now on. */
export function makeSelfSigned(directory: string, name: string, days: number): SelfSigned {
  const [keyFile, certFile] = [join(directory, `${name}.key`), join(directory, `${name}.crt`)]
  request([...newKey(keyFile), ...loopbackOf(name), '-out', certFile], days)
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8'), certFile }
}

/** Signs certificates, as cert-manager and Strimzi do. Everything is kept in `directory`. */
export function makeAuthority(directory: string, name: string): Authority {
  const fileOf = (suffix: string) => join(directory, `${name}${suffix}`)
  const [keyFile, certificateFile] = [fileOf('.key'), fileOf('.crt')]
  request([...newKey(keyFile), '-subj', `/CN=${name}`, '-out', certificateFile])
  return {
    certificate: readFileSync(certificateFile, 'utf8'),
    certificateFile,
    certify: (of) => {
      const [ownKey, own, both] = [fileOf(`-${of}.key`), fileOf(`-${of}.crt`), fileOf(`-${of}.pem`)]
      request([...newKey(ownKey), ...loopbackOf(of), '-CA', certificateFile, '-CAkey', keyFile, '-out', own])
      writeFileSync(both, readFileSync(ownKey, 'utf8') + readFileSync(own, 'utf8'))
      return both
    },
  }
}

function newKey(keyFile: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
}

function loopbackOf(name: string): string[] {
  return ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
}

function request(args: readonly string[], days = DAYS): void {
  execFileSync('openssl', ['req', '-x509', '-days', `${days}`, ...args], { stdio: 'ignore' })
}
