import { z } from 'zod'
import { type ConfigFault, type EnvSources, readEnvSources } from './env-sources.ts'

/** The environment cannot be used. The message lists every fault; no value is repeated, for some are secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'invalid-configuration'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    super(['The configuration cannot be used:', ...faults.map((f) => `  ${f.variable} ${f.message}`)].join('\n'))
    this.faults = faults
  }
}

/**
 * Reads the variables that `schema` names, each from itself or from the file that `NAME_FILE` names: {@link readEnvSources}.
 * @throws {ConfigError} with all faults at once
 */
export function parseEnv<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv): z.infer<S> {
  const sources = readEnvSources(Object.keys(schema.shape), env)
  const parsed = schema.safeParse(sources.values)
  const faults = [...sources.faults, ...faultsOf(parsed.error, sources), ...groupFaults(schema, sources)]
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults)
  return parsed.data
}

/** Variables that make sense only together: parseEnv refuses some without the others. */
export function allOrNone<Shape extends z.ZodRawShape>(fields: Shape) {
  return grouped('all-or-none', fields)
}

/** Variables of which parseEnv wants at least one. */
export function atLeastOne<Shape extends z.ZodRawShape>(fields: Shape) {
  return grouped('at-least-one', fields)
}

export function deepFreeze<T>(value: T): Readonly<T> {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}

type Group = Readonly<{ rule: 'all-or-none' | 'at-least-one'; variables: readonly string[] }>

// Beside the schema rather than a refinement of it: zod skips an object's refinements while a field is at fault, and
// a shape that callers spread into their own object would lose them.
const groupOfField = new WeakMap<object, Group>()

function grouped<Shape extends z.ZodRawShape>(rule: Group['rule'], fields: Shape) {
  const { shape } = z.object(fields).partial()
  const group: Group = { rule, variables: Object.keys(fields) }
  for (const field of Object.values<object>(shape)) groupOfField.set(field, group)
  return shape
}

function faultsOf(error: z.ZodError | undefined, { values, unreadable }: EnvSources): ConfigFault[] {
  return (error?.issues ?? []).flatMap((issue) => {
    const variable = String(issue.path[0])
    if (unreadable.has(variable)) return []
    return [{ variable, message: variable in values ? issue.message : 'is required' }]
  })
}

function groupFaults(schema: z.ZodObject, { values, unreadable }: EnvSources): ConfigFault[] {
  const groups = new Set(Object.values<object>(schema.shape).flatMap((field) => groupOfField.get(field) ?? []))
  return [...groups].flatMap(({ rule, variables }) => {
    const isSet = (variable: string) => variable in values || unreadable.has(variable)
    if (rule === 'at-least-one') {
      const [first = '', ...others] = variables
      return variables.some(isSet) ? [] : [{ variable: first, message: `is required (or ${others.join(', ')})` }]
    }
    if (!variables.some(isSet)) return []
    const message = `must be set together with ${variables.filter(isSet).join(', ')}`
    return variables.filter((variable) => !isSet(variable)).map((variable) => ({ variable, message }))
  })
}
