import type { z } from 'zod'

/** A rule in CEL: what a schema cannot say. `self` is the value it stands at, `oldSelf` the one before a change. */
export type Rule = Readonly<{
  rule: string
  message: string
  /** Of the field at fault, from the value the rule stands at, such as `.autoscaling.max`. */
  fieldPath?: string
}>

/** The key under which Kubernetes looks for rules in a schema. */
export const RULES_KEY = 'x-kubernetes-validations'

/** The schema with rules, which the API server, the operator and the command line all check. */
export function withRules<S extends z.ZodType>(schema: S, rules: readonly Rule[]): S {
  return schema.meta({ ...schema.meta(), [RULES_KEY]: rules })
}
