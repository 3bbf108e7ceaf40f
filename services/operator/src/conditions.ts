import { z } from 'zod'
import { timestampOf } from './timestamp-of.ts'

/** As the API conventions of Kubernetes want them. */
export type Condition = Readonly<{
  type: string
  status: 'True' | 'False' | 'Unknown'
  /** One word in CamelCase, for machines. */
  reason: string
  /** For people. */
  message: string
  /** When `status` last changed. */
  lastTransitionTime: string
  /** The generation of the spec that this was judged by. */
  observedGeneration: number
}>

/** The conditions of a status that was read, none where it has none. */
export const Conditions = z
  .array(
    z.object({
      type: z.string(),
      status: z.enum(['True', 'False', 'Unknown']),
      reason: z.string(),
      message: z.string(),
      lastTransitionTime: z.string(),
      observedGeneration: z.number().default(0),
    }),
  )
  .default([])

/** What is said of a condition; when it began to be so is found out. */
export type Verdict = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

type Judged = Readonly<{ generation: number; now: Date }>

/** The conditions with those of `verdicts` in place of their namesakes. Others stay as they are, in their order. */
export function setConditions(
  conditions: readonly Condition[],
  verdicts: readonly Verdict[],
  judged: Judged,
): Condition[] {
  const result = new Map(conditions.map((condition) => [condition.type, condition]))
  for (const verdict of verdicts) {
    const old = result.get(verdict.type)
    const since = old?.status === verdict.status ? old.lastTransitionTime : timestampOf(judged.now)
    result.set(verdict.type, { ...verdict, lastTransitionTime: since, observedGeneration: judged.generation })
  }
  return [...result.values()]
}

/** How far an object is, in the three forms that kstatus knows. */
export type Progress = Readonly<{
  state: 'ready' | 'reconciling' | 'stalled'
  reason: string
  message: string
}>

/**
 * `Ready`, `Reconciling` and `Stalled` for one state, all of them always there: `kubectl wait`, Helm and Argo CD see an
 * object as done when it is ready, as under way when it is reconciling, as failed when it is stalled, which means that
 * nothing will come of waiting: somebody has to change something.
 */
export function verdictsOf({ state, reason, message }: Progress): Verdict[] {
  const said = { reason, message }
  const otherwise = { reason: state === 'ready' ? 'Ready' : reason, message: '' }
  return [
    { type: 'Ready', status: state === 'ready' ? 'True' : 'False', ...said },
    {
      type: 'Reconciling',
      ...(state === 'reconciling' ? { status: 'True', ...said } : { status: 'False', ...otherwise }),
    },
    { type: 'Stalled', ...(state === 'stalled' ? { status: 'True', ...said } : { status: 'False', ...otherwise }) },
  ]
}
