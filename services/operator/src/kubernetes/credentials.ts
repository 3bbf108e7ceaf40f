import { readFile } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import { isIPv6 } from 'node:net'
import { delimiter, join } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'

/** Where the Kubernetes API is, and how to show who we are. Both may change while we run: tokens and certificates do. */
export type Credentials = Readonly<{
  /** `https://host:port`, without a slash at its end. */
  server: string
  tls: Readonly<{
    ca?: string | Buffer
    cert?: string | Buffer
    key?: string | Buffer
    servername?: string
    rejectUnauthorized?: boolean
  }>
  headers: Readonly<Record<string, string>>
}>

export type ReadCredentials = () => Promise<Credentials>

const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Reads the two files that a pod is given, or what `KUBECONFIG` names (default `~/.kube/config`) where we are in no pod.
 *
 * client-node is loaded for the second only. It knows all that a kubeconfig can say (merged files, exec plugins, OIDC),
 * and would cost a pod, which needs none of it, 57 MB and a second of its start. The image does without it.
 */
export function chooseCredentials(env: NodeJS.ProcessEnv): ReadCredentials {
  const host = env['KUBERNETES_SERVICE_HOST']
  const port = env['KUBERNETES_SERVICE_PORT']
  if (env['KUBECONFIG'] || host === undefined || port === undefined) return kubeconfigCredentials(env['KUBECONFIG'])
  return podCredentials({ host, port })
}

/** Of the ServiceAccount of a pod. The kubelet renews the token about hourly, in place. */
export function podCredentials({
  host,
  port,
  directory = SERVICE_ACCOUNT_DIRECTORY,
}: Readonly<{ host: string; port: string; directory?: string }>): ReadCredentials {
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`
  return async () => {
    const [ca, token] = await Promise.all([
      readFile(join(directory, 'ca.crt'), 'utf8'),
      readFile(join(directory, 'token'), 'utf8'),
    ])
    return { server, tls: { ca }, headers: { authorization: `Bearer ${token.trim()}` } }
  }
}

/** Of the one file, or of what client-node finds when it is none or several. Read anew each time. */
export function kubeconfigCredentials(file: string | undefined): ReadCredentials {
  const isOneFile = file !== undefined && file !== '' && !file.includes(delimiter)
  return async () => {
    const { KubeConfig } = await import('@kubernetes/client-node')
    const kubeconfig = new KubeConfig()
    if (isOneFile) kubeconfig.loadFromFile(file)
    else kubeconfig.loadFromDefault()
    return credentialsOf(kubeconfig)
  }
}

/** @throws an Error that says what the kubeconfig lacks */
async function credentialsOf(kubeconfig: KubeConfig): Promise<Credentials> {
  const cluster = kubeconfig.getCurrentCluster()
  if (cluster === null) throw new Error('The kubeconfig has no cluster for its current context')
  if (cluster.proxyUrl !== undefined) throw new Error('The kubeconfig names a proxy, which is not supported')
  const options: RequestOptions = {}
  await kubeconfig.applyToHTTPSOptions(options)
  const { ca, cert, key, servername, rejectUnauthorized, auth } = options
  return {
    server: cluster.server.replace(/\/+$/, ''),
    tls: {
      ...(isPem(ca) && { ca }),
      ...(isPem(cert) && { cert }),
      ...(isPem(key) && { key }),
      ...(servername !== undefined && { servername }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    },
    headers: {
      ...textHeaders(options.headers),
      ...(typeof auth === 'string' && { authorization: `Basic ${Buffer.from(auth).toString('base64')}` }),
    },
  }
}

function isPem(value: unknown): value is string | Buffer {
  return typeof value === 'string' || Buffer.isBuffer(value)
}

/** The type of Node allows for lists of names as well; client-node makes none. */
function textHeaders(headers: unknown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {}
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name.toLowerCase(), value]] : [],
    ),
  )
}
