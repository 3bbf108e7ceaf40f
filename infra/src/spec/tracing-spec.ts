import { z } from 'zod'
import { secretKeyRef } from './values.ts'

export const TracingSpec = z.strictObject({
  endpoint: z
    .string()
    .max(2048)
    .regex(
      /^https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?(\/[^\s?#]*)?$/,
      'must be an http or https address without credentials or query',
    )
    .describe('Address of a collector that takes OTLP over HTTP, such as `http://tempo.monitoring:4318`.'),
  samplingRatio: z.number().min(0).max(1).default(1).describe('Part of the messages whose traces are kept whole.'),
  headersSecretRef: secretKeyRef('OTEL_EXPORTER_OTLP_HEADERS')
    .optional()
    .describe('What the collector wants to be shown: `name=value`, parted by commas.'),
})
export type TracingSpec = z.infer<typeof TracingSpec>
