export { fullJitterMs } from './backoff.ts'
export { allOrNone, ConfigError, deepFreeze, parseEnv } from './config.ts'
export { endFailedStart } from './end-failed-start.ts'
export {
  envBoolean,
  envDecimal,
  envInteger,
  envList,
  envPort,
  envSecret,
  envSecrets,
  envUrl,
  type Secrets,
} from './env-values.ts'
export { evolutionConfigOf, evolutionEnv } from './evolution-env.ts'
export { createFaultLog } from './fault-log.ts'
export { createLifecycle, type Part } from './lifecycle.ts'
export { createLogger, type Logger } from './logger.ts'
export { createLoop, type Loop } from './loop.ts'
export { mongoConfigOf, mongoEnv } from './mongo-env.ts'
export { outgoingEnv } from './outgoing-env.ts'
export { watchPools } from './pools.ts'
export type { Readiness } from './probe-answer.ts'
export { createProbeServer } from './probes.ts'
export { counterOf, countersOf, createRegistry, gaugeOf } from './registry.ts'
export { runUntilSignal } from './run-until-signal.ts'
export { runtimeConfigOf, runtimeEnv } from './runtime-env.ts'
export { subkeyOf } from './subkey-of.ts'
export type { OpenSpan, SpanEnd } from './tracing/spans.ts'
export { formatTraceparent, parseTraceparent, traceIdOf } from './tracing/trace-context.ts'
export { createTracingEvents } from './tracing/tracing-events.ts'
export { createTracing, type Tracing } from './tracing.ts'
export { tracingConfigOf, tracingEnv } from './tracing-env.ts'
