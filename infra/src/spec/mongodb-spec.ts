import { z } from 'zod'
import { resources, SecretName, secretKeyRef, storage } from './values.ts'
import { withRules } from './with-rules.ts'

const Tls = z.strictObject({
  secretName: SecretName.describe(
    'Secret with `tls.crt` and `tls.key`, as cert-manager makes one, for every member: `*.<name>-mongodb-svc.<namespace>.svc.cluster.local`.',
  ),
  caSecretName: SecretName.optional().describe('Secret with `ca.crt`, the authorities to trust; left out: the same.'),
})

const Managed = withRules(
  z.strictObject({
    version: z
      .string()
      .max(16)
      .regex(/^\d+\.\d+\.\d+$/, 'must be a version, such as "8.0.12"')
      .default('8.0.12')
      .describe('Version of MongoDB Community Server.'),
    members: z.int().min(1).max(7).default(3).describe('Members of the replica set.'),
    tls: Tls.optional().describe('TLS between members and to them; left out: none.'),
    storage: storage('20Gi'),
    resources: resources({ cpu: '500m', memory: '1Gi', memoryLimit: '2Gi' }),
  }),
  [{ rule: 'self.members % 2 == 1', message: 'members must be an odd number', fieldPath: '.members' }],
)

const External = z.strictObject({
  uriSecretRef: secretKeyRef('connectionString.standard').describe('Connection string of a replica set.'),
  caSecretRef: secretKeyRef('ca.crt')
    .optional()
    .describe('Authorities to trust, by TLS; left out: those of the system, if the connection string asks for TLS.'),
})

export const MongodbSpec = withRules(
  z.strictObject({
    mode: z
      .enum(['managed', 'external'])
      .default('managed')
      .describe('`managed`: a replica set made by MongoDB Controllers for Kubernetes; `external`: one that is there.'),
    database: z
      .string()
      .max(63)
      .regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, "_" and "-"')
      .default('db_api_wppsenderserver')
      .describe('Name of the database.'),
    managed: Managed.prefault({}).describe('What the operator of MongoDB is asked for.'),
    external: External.optional().describe('The replica set that is there.'),
  }),
  [
    {
      rule: "self.mode != 'external' || has(self.external)",
      message: 'external is required with mode external',
      fieldPath: '.external',
    },
    {
      rule: "self.mode != 'managed' || !has(self.external)",
      message: 'external goes with mode external only',
      fieldPath: '.external',
    },
    {
      rule: 'self.mode == oldSelf.mode',
      message: 'mode cannot be changed: every message and user would be left behind',
      fieldPath: '.mode',
    },
    {
      rule: 'self.database == oldSelf.database',
      message: 'database cannot be changed: every message and user would be left behind',
      fieldPath: '.database',
    },
  ],
)
export type MongodbSpec = z.infer<typeof MongodbSpec>
export type ManagedMongodb = z.infer<typeof Managed>
export type MongodbTls = z.infer<typeof Tls>
