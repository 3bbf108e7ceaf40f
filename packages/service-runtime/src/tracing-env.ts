import { z } from 'zod'
import { envDecimal, envUrl } from './env-values.ts'

/** Where OTLP over HTTP takes traces, below the address of a collector. */
const TRACES_PATH = '/v1/traces'

const Endpoint = envUrl.refine(
  (url) => !url.endsWith(TRACES_PATH),
  `must be the address of a collector without ${TRACES_PATH}, which is added to it`,
)

/** Names of fields, and values as a URL has them: the form of the OpenTelemetry specification. */
const Headers = z
  .string()
  .refine((text) => parseHeaders(text) !== undefined, 'must be name=value, parted by commas, values URL-encoded')
  .transform((text): Readonly<Record<string, string>> => parseHeaders(text) ?? {})

/** The names are those of OpenTelemetry. Without an endpoint nothing is traced. */
export const tracingEnv = {
  OTEL_EXPORTER_OTLP_ENDPOINT: Endpoint.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: Headers.optional(),
  OTEL_SERVICE_NAME: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be printable ASCII without spaces')
    .optional(),
  OTEL_TRACES_SAMPLER_ARG: envDecimal({ min: 0, max: 1 }).default(1),
}

type TracingEnv = z.infer<z.ZodObject<typeof tracingEnv>>

export type TracingConfig = Readonly<{
  /** Where spans are posted to. */
  url: string
  headers: Readonly<Record<string, string>>
  serviceName: string
  /** 0 to 1: the part of the traces that is kept whole. */
  samplingRatio: number
}>

/** Undefined: nothing is traced. @param service for traces of which nobody has said whose they are */
export function tracingConfigOf(env: TracingEnv, service: string): TracingConfig | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = env
  if (endpoint === undefined) return undefined
  return {
    url: `${endpoint}${TRACES_PATH}`,
    headers: env.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    serviceName: env.OTEL_SERVICE_NAME ?? `whatsapp-sender-${service}`,
    samplingRatio: env.OTEL_TRACES_SAMPLER_ARG,
  }
}

const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/

function parseHeaders(text: string): Record<string, string> | undefined {
  const entries = text.split(',').map((item) => parseHeader(item.trim()))
  const known = entries.filter((entry) => entry !== undefined)
  return known.length === entries.length ? Object.fromEntries(known) : undefined
}

function parseHeader(item: string): readonly [name: string, value: string] | undefined {
  const at = item.indexOf('=')
  const name = item.slice(0, Math.max(0, at)).trim()
  const value = decoded(item.slice(at + 1).trim())
  return NAME.test(name) && value !== undefined && /^[\x20-\x7e]*$/.test(value) ? [name, value] : undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
