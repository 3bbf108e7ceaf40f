import { InvalidResourceError, parseSender, render, type WhatsAppSender } from '@whatsapp-sender/infra'
import type { Progress } from '../conditions.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { KubernetesError } from '../kubernetes/kubernetes-error.ts'
import { type KubernetesObject, keyOf } from '../kubernetes/kubernetes-object.ts'
import type { SecretVersions } from '../kubernetes/secret-poll.ts'
import type { Children, Kind } from './children.ts'
import { judgeChildren } from './judge-children.ts'
import { isOptional, judgeMonitoring } from './optional-kinds.ts'
import { type Owner, ownedBy } from './ownership.ts'
import { identityOf, nameOf, type Plan, planObjects } from './plan-objects.ts'
import { ensureSecrets, readSecrets, secretsReadBy } from './secrets.ts'
import type { Finding, LastStatus } from './sender-status.ts'
import { createUnchanged, type Unchanged } from './unchanged.ts'

/** Brings what a sender is made of to what it says, and tells what is there. */
export type ReconcileSender = ((
  resource: KubernetesObject,
  owner: Owner,
  last: LastStatus,
) => Promise<Finding & Readonly<Done>>) &
  Readonly<{
    /** The sender is gone: nothing is kept of what was applied for it. */
    forget(key: string): void
  }>

/** What a reconcile has come to, also when it does not come to its end. */
type Done = {
  children: KubernetesObject[]
  applied: number
  removed: number
  /** Of the Secrets that pods read, as they were read. Undefined: it did not come to that. */
  secrets: SecretVersions | undefined
}

/**
 * Observe, plan, apply. What only a person can mend ends in a finding that is stalled; what may pass by itself is thrown,
 * and tried again.
 * @throws {KubernetesError}
 */
export function createReconcileSender({
  cluster,
  children,
}: Readonly<{ cluster: Cluster; children: Pick<Children, 'of'> }>): ReconcileSender {
  /** By key of a sender. */
  const unchangedOf = new Map<string, Unchanged>()

  async function reconcileOrStall(
    resource: KubernetesObject,
    owner: Owner,
    last: LastStatus,
  ): Promise<Finding & Readonly<Done>> {
    const done: Done = { children: [], applied: 0, removed: 0, secrets: undefined }
    try {
      return { ...(await reconcile(resource, owner, { last, done })), ...done }
    } catch (error) {
      return { progress: lastingProgress(error), ...done }
    }
  }

  async function reconcile(
    resource: KubernetesObject,
    owner: Owner,
    { last, done }: Readonly<{ last: LastStatus; done: Done }>,
  ): Promise<Omit<Finding, 'children'>> {
    const sender = parseSender(resource)
    const fault = await ensureSecrets(cluster, sender, { isFirst: last.inventory.length === 0 })
    if (fault !== undefined) return stalled(fault.reason, fault.message)
    const { desired, secrets } = await desiredObjects(cluster, sender, owner)
    done.secrets = secrets
    const { objects, missing } = await observe(owner, desired, last)
    const needed = missing.filter((kind) => !isOptional(kind) && desired.some(isOfKind(kind)))
    if (needed.length > 0) return stalled('KindMissing', needed.map(({ message }) => message).join(' '))
    const known = desired.filter((object) => !missing.some((kind) => isOfKind(kind)(object)))
    const plan = planObjects(owner, known, objects)
    if (plan.conflicts.length > 0) {
      const names = plan.conflicts.map(nameOf).join(', ')
      return stalled('Conflict', `Made by somebody else, and not touched: ${names}. Remove or rename them.`)
    }
    await carryOut(plan, keyOf(owner), done)
    const { verdicts: judged, progress } = judgeChildren(sender, done.children)
    const verdicts = [...judged, judgeMonitoring(desired, missing)]
    if (plan.going.length === 0) return { sender, verdicts, progress }
    const message = `Waiting until what a sender of this name has left is gone: ${plan.going.map(nameOf).join(', ')}.`
    return { sender, verdicts, progress: { state: 'reconciling', reason: 'CleaningUp', message } }
  }

  async function carryOut(plan: Plan, key: string, done: Done): Promise<void> {
    const unchanged = unchangedOf.get(key) ?? createUnchanged()
    unchangedOf.set(key, unchanged)
    for (const { object, there } of plan.apply) {
      if (there !== undefined && unchanged.isSame(object, there)) {
        done.children.push(there)
        continue
      }
      const applied = await cluster.apply(object, { force: there !== undefined })
      unchanged.note(object, applied)
      done.children.push(applied)
      done.applied += 1
    }
    for (const { reference, uid } of plan.remove) {
      if (await cluster.remove(reference, { uid })) done.removed += 1
    }
    unchanged.keepOnly(plan.apply.map(({ object }) => object))
  }

  /** All that is the owner's, of the kinds it has or is to have, and whatever stands where an object is to be. */
  async function observe(
    owner: Owner,
    desired: readonly KubernetesObject[],
    last: LastStatus,
  ): Promise<Awaited<ReturnType<Children['of']>>> {
    const kinds = new Map<string, Kind>()
    for (const { apiVersion, kind } of [...last.inventory, ...desired])
      kinds.set(`${apiVersion}/${kind}`, { apiVersion, kind })
    const { objects: ours, missing } = await children.of(owner.uid, [...kinds.values()])
    const known = new Set(ours.map(identityOf))
    const unknown = desired.filter(
      (object) => !known.has(identityOf(object)) && !missing.some((kind) => isOfKind(kind)(object)),
    )
    const there = await Promise.all(
      unknown.map(({ apiVersion, kind, metadata: { name, namespace } }) =>
        cluster.read({ apiVersion, kind, name, namespace }),
      ),
    )
    return { objects: [...ours, ...there.filter((object) => object !== undefined)], missing }
  }

  return Object.assign(reconcileOrStall, { forget: (key: string) => void unchangedOf.delete(key) })
}

async function desiredObjects(
  cluster: Cluster,
  sender: WhatsAppSender,
  owner: Owner,
): Promise<Readonly<{ desired: readonly KubernetesObject[]; secrets: SecretVersions }>> {
  const names = secretsReadBy(mutable(render(sender)))
  const { digestOf, versions } = await readSecrets(cluster, sender.namespace, names)
  const objects = mutable(render(sender, { digestOf }))
  return { desired: objects.map((object) => ownedBy(owner, object, sender.spec.deletionPolicy)), secrets: versions }
}

function isOfKind(wanted: Kind): (object: Kind) => boolean {
  return ({ apiVersion, kind }) => kind === wanted.kind && apiVersion === wanted.apiVersion
}

/** The type of the one package says that nothing will be changed, the other's does not; nobody does. */
function mutable(objects: ReturnType<typeof render>): KubernetesObject[] {
  return objects.map(({ metadata: { labels, annotations, ...metadata }, ...object }) => ({
    ...object,
    metadata: {
      ...metadata,
      ...(labels && { labels: { ...labels } }),
      ...(annotations && { annotations: { ...annotations } }),
    },
  }))
}

function stalled(reason: string, message: string): Pick<Finding, 'progress'> {
  return { progress: { state: 'stalled', reason, message } }
}

/** Answers that waiting does not change. */
const LASTING = new Map([
  [403, 'Forbidden'],
  [404, 'KindMissing'],
  [409, 'Conflict'],
  [422, 'Rejected'],
])

function lastingProgress(error: unknown): Progress {
  if (error instanceof InvalidResourceError) return stalled('InvalidSpec', error.message).progress
  const reason = error instanceof KubernetesError ? LASTING.get(error.status) : undefined
  if (error instanceof KubernetesError && reason !== undefined) return stalled(reason, error.message).progress
  throw error
}
