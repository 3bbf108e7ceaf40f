import { k8s } from '../cdk8s.ts'
import { childName, metadataOf, PORTS, type Rendering, selectorOf } from '../rendering.ts'
import type { EvolutionSpec } from '../spec/evolution-spec.ts'
import { versionLabelOf } from '../version-label.ts'
import { addService, addServiceAccount, imageOf, RESTRICTED, resourcesOf, secretsAnnotation } from '../workload.ts'

type Managed = EvolutionSpec['managed']

/** Evolution API with its PostgreSQL. Its images write where they like, so that only what they need is writable. */
export function addManagedEvolution(r: Rendering): void {
  if (r.spec.evolution.mode !== 'managed') return
  addDatabase(r, r.spec.evolution.managed)
  addGateway(r, r.spec.evolution.managed)
}

const GATEWAY_KEYS = ['AUTHENTICATION_API_KEY', 'POSTGRES_PASSWORD'] as const
const POSTGRES_USER = 999
const EVOLUTION_USER = 1000

function addGateway(r: Rendering, { image, resources }: Managed): void {
  const database = childName(r.name, 'evolution-db')
  const answers = { httpGet: { path: '/', port: k8s.IntOrString.fromString('http') }, timeoutSeconds: 5 }
  addServiceAccount(r, 'evolution')
  new k8s.KubeDeployment(r.chart, 'Deployment-evolution', {
    metadata: metadataOf(r, 'evolution'),
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      // Two that hold the same WhatsApp session throw each other out.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selectorOf(r.name, 'evolution') },
      template: {
        metadata: {
          labels: { ...metadataOf(r, 'evolution').labels, ...versionLabelOf(image) },
          annotations: secretsAnnotation(
            r,
            GATEWAY_KEYS.map((key) => ({ secret: secretOf(r), key })),
          ),
        },
        spec: {
          ...podOf(r, 'evolution', EVOLUTION_USER),
          terminationGracePeriodSeconds: 30,
          containers: [
            {
              name: 'evolution',
              image: imageOf(r, image),
              imagePullPolicy: r.spec.images.pullPolicy,
              ports: [{ name: 'http', containerPort: PORTS.evolution, protocol: 'TCP' }],
              env: [
                ...literals(EVOLUTION_ENVIRONMENT),
                ...GATEWAY_KEYS.map((key) => fromSecret(r, key)),
                {
                  name: 'DATABASE_CONNECTION_URI',
                  value: `postgresql://evolution:$(POSTGRES_PASSWORD)@${database}:${PORTS.postgres}/evolution?schema=public`,
                },
              ],
              resources: resourcesOf(resources),
              startupProbe: { ...answers, periodSeconds: 5, failureThreshold: 60 },
              livenessProbe: { ...answers, periodSeconds: 15, failureThreshold: 4 },
              readinessProbe: { ...answers, periodSeconds: 5, failureThreshold: 2 },
              securityContext: RESTRICTED,
              volumeMounts: [
                { name: 'tmp', mountPath: '/tmp' },
                { name: 'instances', mountPath: '/evolution/instances' },
              ],
            },
          ],
          volumes: [emptyDir('tmp'), emptyDir('instances')],
        },
      },
    },
  })
  addService(r, 'evolution', [
    { name: 'http', port: PORTS.evolution, targetPort: k8s.IntOrString.fromString('http'), appProtocol: 'http' },
  ])
}

/** With the last two the outcome of a message can be asked for afterwards. */
const EVOLUTION_ENVIRONMENT = {
  SERVER_PORT: String(PORTS.evolution),
  AUTHENTICATION_EXPOSE_IN_FETCH_INSTANCES: 'true',
  DATABASE_PROVIDER: 'postgresql',
  DATABASE_SAVE_DATA_INSTANCE: 'true',
  CACHE_REDIS_ENABLED: 'false',
  CACHE_LOCAL_ENABLED: 'true',
  DEL_INSTANCE: 'false',
  TELEMETRY_ENABLED: 'false',
  DATABASE_SAVE_DATA_NEW_MESSAGE: 'true',
  DATABASE_SAVE_MESSAGE_UPDATE: 'true',
}

function addDatabase(r: Rendering, { postgresImage, storage }: Managed): void {
  addServiceAccount(r, 'evolution-db')
  const ready = { exec: { command: ['pg_isready', '--username=evolution', '--dbname=evolution'] }, timeoutSeconds: 5 }
  new k8s.KubeStatefulSet(r.chart, 'StatefulSet-evolution-db', {
    metadata: metadataOf(r, 'evolution-db'),
    spec: {
      serviceName: childName(r.name, 'evolution-db'),
      replicas: 1,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorOf(r.name, 'evolution-db') },
      template: {
        // Without the hash of its Secret: a new pod would take no other password, only the making of the database does.
        metadata: { labels: { ...metadataOf(r, 'evolution-db').labels, ...versionLabelOf(postgresImage) } },
        spec: {
          ...podOf(r, 'evolution-db', POSTGRES_USER),
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: 'postgres',
              image: imageOf(r, postgresImage),
              imagePullPolicy: r.spec.images.pullPolicy,
              ports: [{ name: 'postgres', containerPort: PORTS.postgres, protocol: 'TCP' }],
              env: [
                ...literals({
                  POSTGRES_DB: 'evolution',
                  POSTGRES_USER: 'evolution',
                  PGDATA: '/var/lib/postgresql/data/pgdata',
                }),
                fromSecret(r, 'POSTGRES_PASSWORD'),
              ],
              resources: resourcesOf({ requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } }),
              startupProbe: { ...ready, periodSeconds: 5, failureThreshold: 60 },
              livenessProbe: { ...ready, periodSeconds: 30, failureThreshold: 4 },
              readinessProbe: { ...ready, periodSeconds: 10, failureThreshold: 2 },
              securityContext: RESTRICTED,
              volumeMounts: [
                { name: 'data', mountPath: '/var/lib/postgresql/data' },
                { name: 'tmp', mountPath: '/tmp' },
                { name: 'run', mountPath: '/var/run/postgresql' },
              ],
            },
          ],
          volumes: [emptyDir('tmp'), emptyDir('run')],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            ...(storage.className !== undefined && { storageClassName: storage.className }),
            resources: { requests: { storage: k8s.Quantity.fromString(storage.size) } },
          },
        },
      ],
    },
  })
  addService(r, 'evolution-db', [
    { name: 'postgres', port: PORTS.postgres, targetPort: k8s.IntOrString.fromString('postgres') },
  ])
}

function podOf(r: Rendering, component: 'evolution' | 'evolution-db', user: number) {
  return {
    serviceAccountName: childName(r.name, component),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  }
}

function literals(values: Readonly<Record<string, string>>): k8s.EnvVar[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}

/** Not our program: it reads no files. */
function fromSecret(r: Rendering, key: string): k8s.EnvVar {
  return { name: key, valueFrom: { secretKeyRef: { name: secretOf(r), key } } }
}

function secretOf({ name }: Rendering): string {
  return childName(name, 'evolution')
}

function emptyDir(name: string): k8s.Volume {
  return { name, emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } }
}
