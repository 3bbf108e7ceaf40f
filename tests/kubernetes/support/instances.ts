import { until } from '@whatsapp-sender/sandbox/process/until'
import { type OperatedSystem, SENDER } from './operated-system.ts'

export type InstanceStatus = Readonly<{
  phase?: string
  connectionState?: string
  phoneNumber?: string
  lastSeen?: string
  observedGeneration?: number
  pairing?: Readonly<{ secretName: string; expiresAt: string; endsAt: string }>
  conditions?: readonly Readonly<{ type: string; status: string; reason: string; message: string }>[]
}>

/** The WhatsAppInstances of a system's namespace, as somebody with kubectl has them. */
export type Instances = ReturnType<typeof instancesOf>

export function instancesOf({ plane, namespace, system }: OperatedSystem) {
  const kubectl = (args: readonly string[]) => plane.kubectl([...args, '--namespace', namespace])
  const status = async (name: string): Promise<InstanceStatus> =>
    JSON.parse(await kubectl(['get', 'wai', name, '--output=json'])).status ?? {}
  return {
    kubectl,
    /** Declares it so, whatever it was before. */
    want: (name: string, spec: object, annotations: Readonly<Record<string, string>> = {}) =>
      plane.apply([instance(namespace, name, spec, annotations)]),
    wantAll: (names: readonly string[], spec: object) =>
      plane.apply(names.map((name) => instance(namespace, name, spec))),
    waitFor: async (name: string, condition: string): Promise<void> => {
      await kubectl(['wait', `wai/${name}`, `--for=condition=${condition}`, '--timeout=60s'])
    },
    gone: async (kind: string, name: string): Promise<void> => {
      await kubectl(['wait', `${kind}/${name}`, '--for=delete', '--timeout=60s'])
    },
    remove: (name: string) => kubectl(['delete', 'wai', name, '--timeout=60s']),
    status,
    statusWhen: (name: string, isIt: (status: InstanceStatus) => boolean) =>
      until(
        `the status of ${name} is as it is waited for`,
        async () => {
          const is = await status(name)
          return isIt(is) ? is : undefined
        },
        { everyMs: 300 },
      ),
    secretData: async (name: string): Promise<Readonly<Record<string, string>>> =>
      JSON.parse(await kubectl(['get', 'secret', name, '--output=json'])).data,
    /** As the API shows it to an administrator; it has no state of its own. */
    atApi: (name: string) => system.store.instances.findByName(name),
  }
}

/** By type, the status and the reason of each condition. */
export function conditionsOf({ conditions = [] }: InstanceStatus): Readonly<Record<string, string>> {
  return Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]))
}

function instance(namespace: string, name: string, spec: object, annotations: Readonly<Record<string, string>> = {}) {
  const metadata = { name, namespace, annotations }
  return {
    apiVersion: 'whatsappsender.io/v1alpha1',
    kind: 'WhatsAppInstance',
    metadata,
    spec: { senderName: SENDER, ...spec },
  }
}
