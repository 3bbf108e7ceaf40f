import { k8s } from '../cdk8s.ts'
import { childName, PORTS, type Rendering } from '../rendering.ts'
import { addService, addWorkload } from '../workload.ts'

/** What stands in for Evolution API, and shows the phone. Its state lives as long as its pod. */
export function addSandbox(r: Rendering): void {
  if (r.spec.evolution.mode !== 'sandbox') return
  const { image, autoOpen, resources } = r.spec.evolution.sandbox
  const name = childName(r.name, 'sandbox')
  const answers = {
    httpGet: { path: '/', port: k8s.IntOrString.fromString('http') },
    periodSeconds: 5,
    timeoutSeconds: 5,
  }
  addWorkload(r, {
    component: 'sandbox',
    image,
    replicas: 1,
    // Two at once would be two phones.
    strategy: { type: 'Recreate' },
    graceSeconds: 30,
    env: {
      HOST: '0.0.0.0',
      SANDBOX_PORT: String(PORTS.sandbox),
      SANDBOX_AUTO_OPEN: String(autoOpen),
      SANDBOX_STATE_DIR: '/var/lib/whatsapp-sandbox',
      SANDBOX_ALLOWED_HOSTS: `${name},${name}.${r.namespace}.svc`,
    },
    secrets: [
      { variable: 'AUTHENTICATION_API_KEY', secret: childName(r.name, 'evolution'), key: 'AUTHENTICATION_API_KEY' },
    ],
    resources,
    ports: { http: PORTS.sandbox },
    probes: {
      startup: { ...answers, periodSeconds: 2, failureThreshold: 60 },
      liveness: { ...answers, periodSeconds: 15, failureThreshold: 4 },
      readiness: { ...answers, failureThreshold: 2 },
    },
    volumes: [{ name: 'state', emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } }],
    mounts: [{ name: 'state', mountPath: '/var/lib/whatsapp-sandbox' }],
  })
  addService(r, 'sandbox', [
    { name: 'http', port: PORTS.sandbox, targetPort: k8s.IntOrString.fromString('http'), appProtocol: 'http' },
  ])
}
