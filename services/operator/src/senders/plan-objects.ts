import { type KubernetesObject, keyOf, type ObjectReference, referenceOf } from '../kubernetes/kubernetes-object.ts'
import { holdsData, judgeOwner, type Owner } from './ownership.ts'

/** What is to be done for one resource. Nothing is when there are conflicts. */
export type Plan = Readonly<{
  /** `there` is ours, so that fields which others have taken come back; undefined: there is none yet. */
  apply: readonly Readonly<{ object: KubernetesObject; there: KubernetesObject | undefined }>[]
  remove: readonly Readonly<{ reference: ObjectReference; uid: string | undefined }>[]
  /** Objects of others that have the name of one we want. */
  conflicts: readonly ObjectReference[]
  /** Objects of a resource before this one that are not collected yet. */
  going: readonly ObjectReference[]
}>

/**
 * The steps from what is to what is wanted. `observed` are all objects of `owner`, and whatever else has the name of an
 * object that is wanted. What holds data is never removed.
 */
export function planObjects(
  owner: Owner,
  desired: readonly KubernetesObject[],
  observed: readonly KubernetesObject[],
): Plan {
  const present = new Map(observed.map((object) => [identityOf(object), object]))
  const wanted = new Set(desired.map(identityOf))
  const apply: Plan['apply'][number][] = []
  const conflicts: ObjectReference[] = []
  const going: ObjectReference[] = []
  for (const object of desired) {
    const there = present.get(identityOf(object))
    const whose = there === undefined ? 'nobody' : judgeOwner(owner, there)
    if (whose === 'foreign') conflicts.push(referenceOf(object))
    else if (whose === 'going') going.push(referenceOf(object))
    else apply.push({ object, there })
  }
  const remove = observed
    .filter((object) => !wanted.has(identityOf(object)) && judgeOwner(owner, object) === 'ours' && !holdsData(object))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((object) => ({ reference: referenceOf(object), uid: object.metadata.uid }))
  return { apply, remove, conflicts, going }
}

/** One name for one object, of whatever version. */
export function identityOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/', 1)[0] : ''
  return `${group}/${kind}/${keyOf(metadata)}`
}

/** As a person names it. */
export function nameOf({ kind, name }: ObjectReference): string {
  return `${kind} ${name}`
}
