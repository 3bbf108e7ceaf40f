import { addCustom, childName, type Rendering } from '../rendering.ts'
import { mongodbConnectionSecret } from '../secret-files.ts'
import { resourcesPlain } from './resources-plain.ts'

const USER = 'whatsapp-sender'

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
      security: { authentication: { modes: ['SCRAM'] } },
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
          template: { spec: { containers: [{ name: 'mongod', resources: resourcesPlain(resources) }] } },
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
