import { addCustom, childName, type Rendering } from '../rendering.ts'
import { mongodbAuthoritySecret, mongodbConnectionSecret } from '../secret-files.ts'
import type { ManagedMongodb } from '../spec/mongodb-spec.ts'
import { resourcesPlain } from './resources-plain.ts'
import { RESTRICTED_CONTAINER } from './restricted-container.ts'

const USER = 'whatsapp-sender'

/** The user and the group that its operator runs everything as: it takes these contexts in place of its own. */
const MONGODB_USER = 2000
const RESTRICTED = { securityContext: { ...RESTRICTED_CONTAINER, readOnlyRootFilesystem: true } }
/** As its operator names them; those beside `mongod` it sizes itself. */
const OTHER_CONTAINERS = ['mongodb-agent']
const INIT_CONTAINERS = ['mongod-posthook', 'mongodb-agent-readinessprobe']

/** A replica set of MongoDB Controllers for Kubernetes, or nothing when one is there. */
export function addMongodb(r: Rendering): void {
  if (r.spec.mongodb.mode === 'external') return
  const { managed, database } = r.spec.mongodb
  const { version, members, storage, resources } = managed
  const name = childName(r.name, 'mongodb')
  addCustom(r, {
    apiVersion: 'mongodbcommunity.mongodb.com/v1',
    kind: 'MongoDBCommunity',
    name,
    spec: {
      type: 'ReplicaSet',
      members,
      version,
      security: { authentication: { modes: ['SCRAM'] }, ...tlsOf(managed) },
      users: [
        {
          name: USER,
          db: 'admin',
          passwordSecretRef: { name: childName(r.name, 'mongodb-password') },
          scramCredentialsSecretName: childName(r.name, 'mongodb'),
          connectionStringSecretName: mongodbConnectionSecret(r.name),
          roles: [{ name: 'readWrite', db: database }],
        },
      ],
      additionalConnectionStringConfig: { retryWrites: true, w: 'majority' },
      statefulSet: {
        spec: {
          template: {
            spec: {
              securityContext: {
                runAsNonRoot: true,
                runAsUser: MONGODB_USER,
                fsGroup: MONGODB_USER,
                seccompProfile: RESTRICTED_CONTAINER.seccompProfile,
              },
              containers: [
                { name: 'mongod', resources: resourcesPlain(resources), ...RESTRICTED },
                ...OTHER_CONTAINERS.map((container) => ({ name: container, ...RESTRICTED })),
              ],
              initContainers: INIT_CONTAINERS.map((container) => ({ name: container, ...RESTRICTED })),
            },
          },
          volumeClaimTemplates: [
            {
              metadata: { name: 'data-volume' },
              spec: {
                accessModes: ['ReadWriteOnce'],
                ...(storage.className !== undefined && { storageClassName: storage.className }),
                resources: { requests: { storage: storage.size } },
              },
            },
          ],
        },
      },
    },
  })
}

/** Its operator takes the authorities from `ca.crt`, and replaces members when either Secret changes. */
function tlsOf({ tls }: ManagedMongodb): object {
  if (tls === undefined) return {}
  return {
    tls: {
      enabled: true,
      certificateKeySecretRef: { name: tls.secretName },
      caCertificateSecretRef: { name: mongodbAuthoritySecret(tls) },
    },
  }
}
