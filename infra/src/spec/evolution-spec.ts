import { z } from 'zod'
import { DEFAULT_IMAGES } from './images.ts'
import { Image, resources, secretKeyRef, storage } from './values.ts'
import { withRules } from './with-rules.ts'

const External = z.strictObject({
  url: z
    .string()
    .max(2048)
    .regex(/^https?:\/\/\S+$/, 'must be an http or https URL')
    .describe('Where Evolution API is.'),
  apiKeySecretRef: secretKeyRef('AUTHENTICATION_API_KEY').describe('Its global key.'),
})

const Managed = z.strictObject({
  image: Image.default(DEFAULT_IMAGES.evolution).describe('Image of Evolution API.'),
  postgresImage: Image.default(DEFAULT_IMAGES.postgres).describe('Image of its PostgreSQL.'),
  storage: storage('10Gi'),
  resources: resources({ cpu: '250m', memory: '512Mi', memoryLimit: '1Gi' }),
})

const Sandbox = z.strictObject({
  image: Image.default(DEFAULT_IMAGES.sandbox).describe('Image of the sandbox.'),
  autoOpen: z.boolean().default(true).describe('Instances are connected as soon as they are made, without a scan.'),
  resources: resources({ cpu: '100m', memory: '128Mi', memoryLimit: '768Mi' }),
})

export const EvolutionSpec = withRules(
  z.strictObject({
    mode: z
      .enum(['managed', 'external', 'sandbox'])
      .default('external')
      .describe(
        '`managed`: Evolution API runs here; `external`: it is there; `sandbox`: a stand-in that reaches no phone.',
      ),
    external: External.optional().describe('The Evolution API that is there.'),
    managed: Managed.prefault({}).describe('The Evolution API that is made.'),
    sandbox: Sandbox.prefault({}).describe('What stands in for Evolution API.'),
  }),
  [
    {
      rule: "self.mode != 'external' || has(self.external)",
      message: 'external is required with mode external',
      fieldPath: '.external',
    },
    {
      rule: "self.mode == 'external' || !has(self.external)",
      message: 'external goes with mode external only',
      fieldPath: '.external',
    },
  ],
)
export type EvolutionSpec = z.infer<typeof EvolutionSpec>
