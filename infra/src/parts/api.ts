import { k8s } from '../cdk8s.ts'
import { addCustom, childName, metadataOf, PORTS, type Rendering, selectorOf } from '../rendering.ts'
import { apiSecrets } from '../secret-files.ts'
import { addDisruptionBudget, addService, addWorkload, SERVICE_PROBES } from '../workload.ts'
import { serviceEnvironment, settingsOf } from './service-environment.ts'

/** Until load balancers have heard that a pod is going. */
const PRE_STOP_SECONDS = 5
/** Then, until clients that keep their connections have asked once more, and heard from the answer that this one ends. */
const STOP_DELAY_SECONDS = 5
/** After both: the answers under way, which no request makes longer than 30 s, and the end of the process. */
const LAST_ANSWERS_SECONDS = 35
const SERVICE_PORT = 80

/** The REST API, and what leads to it. */
export function addApi(r: Rendering): void {
  const { api } = r.spec
  addWorkload(r, {
    component: 'api',
    image: api.image,
    replicas: api.replicas,
    strategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(0), maxSurge: k8s.IntOrString.fromNumber(1) },
    },
    graceSeconds: PRE_STOP_SECONDS + STOP_DELAY_SECONDS + LAST_ANSWERS_SECONDS,
    preStopSeconds: PRE_STOP_SECONDS,
    env: {
      ...serviceEnvironment(r, 'api'),
      PORT: String(PORTS.http),
      STOP_DELAY_MS: String(STOP_DELAY_SECONDS * 1000),
      EVOLUTION_WEBHOOK_URL:
        api.webhookUrl ?? `http://${childName(r.name, 'api')}.${r.namespace}.svc/v1/evolution/events`,
      ...(api.adminEmail !== undefined && { ADMIN_EMAIL: api.adminEmail }),
    },
    envFrom: settingsOf(r),
    secrets: apiSecrets(r),
    resources: api.resources,
    ports: { http: PORTS.http, metrics: PORTS.metrics },
    probes: SERVICE_PROBES,
  })
  addDisruptionBudget(r, 'api')
  addService(r, 'api', [
    { name: 'http', port: SERVICE_PORT, targetPort: k8s.IntOrString.fromString('http'), appProtocol: 'http' },
  ])
  addMetricsService(r)
  addIngress(r)
  addHttpRoute(r)
}

/** Apart from the Service that an ingress may lead to. KEDA asks it how much is due. */
function addMetricsService(r: Rendering): void {
  new k8s.KubeService(r.chart, 'Service-api-metrics', {
    metadata: metadataOf(r, 'api', childName(r.name, 'api-metrics')),
    spec: {
      type: 'ClusterIP',
      selector: selectorOf(r.name, 'api'),
      ports: [{ name: 'metrics', port: PORTS.metrics, targetPort: k8s.IntOrString.fromString('metrics') }],
    },
  })
}

function addIngress(r: Rendering): void {
  const { ingress } = r.spec.api
  if (ingress === undefined) return
  const { host, className, tlsSecretName, annotations } = ingress
  const service = { name: childName(r.name, 'api'), port: { name: 'http' } }
  new k8s.KubeIngress(r.chart, 'Ingress', {
    metadata: { ...metadataOf(r, 'api'), annotations },
    spec: {
      ...(className !== undefined && { ingressClassName: className }),
      ...(tlsSecretName !== undefined && { tls: [{ hosts: [host], secretName: tlsSecretName }] }),
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service } }] } }],
    },
  })
}

function addHttpRoute(r: Rendering): void {
  const { httpRoute } = r.spec.api
  if (httpRoute === undefined) return
  addCustom(r, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    name: childName(r.name, 'api'),
    spec: {
      parentRefs: httpRoute.parentRefs,
      hostnames: [httpRoute.host],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [{ name: childName(r.name, 'api'), port: SERVICE_PORT }],
        },
      ],
    },
  })
}
