import { z } from 'zod'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'

/**
 * Which resources want which instance. An instance has one that keeps it, the oldest of those that name it; the others wait
 * until that one is gone.
 */
export type Holders = Readonly<{
  /** A resource as it is now; undefined: it is gone. Answers the keys of all that it may matter to, its own included. */
  note(key: string, resource: KubernetesObject | undefined): readonly string[]
  /** The key of the resource that keeps the instance; undefined: none wants it. */
  holderOf(senderName: string, instanceName: string): string | undefined
  keysOf(senderName: string): readonly string[]
}>

type Wish = Readonly<{ senderName: string; instanceName: string; age: string }>

export function createHolders(): Holders {
  const wishes = new Map<string, Wish>()
  const wanting = new Map<string, Set<string>>()

  function forget(key: string): readonly string[] {
    const wish = wishes.get(key)
    if (wish === undefined) return []
    wishes.delete(key)
    const place = placeOf(wish)
    const keys = wanting.get(place)
    keys?.delete(key)
    if (keys?.size === 0) wanting.delete(place)
    return [...(keys ?? [])]
  }

  function add(key: string, wish: Wish): readonly string[] {
    wishes.set(key, wish)
    const place = placeOf(wish)
    const keys = wanting.get(place) ?? new Set()
    wanting.set(place, keys.add(key))
    return [...keys]
  }

  return {
    note: (key, resource) => {
      const before = forget(key)
      const wish = resource && wishOf(resource)
      return [...new Set([key, ...before, ...(wish === undefined ? [] : add(key, wish))])]
    },
    holderOf: (senderName, instanceName) => {
      const keys = wanting.get(placeOf({ senderName, instanceName })) ?? []
      return [...keys].toSorted((one, other) => (ageOf(one) < ageOf(other) ? -1 : 1))[0]
    },
    keysOf: (senderName) => [...wishes].flatMap(([key, wish]) => (wish.senderName === senderName ? [key] : [])),
  }

  /** Sorts by age, and those of one second by their name. */
  function ageOf(key: string): string {
    return `${wishes.get(key)?.age} ${key}`
  }
}

function placeOf({ senderName, instanceName }: Pick<Wish, 'senderName' | 'instanceName'>): string {
  return `${senderName}/${instanceName}`
}

const Wanting = z.looseObject({ senderName: z.string(), instanceName: z.string().optional() })

/** What a resource wants; undefined of one that is not as it should be. */
export function wishOf({ metadata, spec }: KubernetesObject): Wish | undefined {
  const { data } = Wanting.safeParse(spec)
  if (data === undefined) return undefined
  const { senderName, instanceName = metadata.name } = data
  return { senderName, instanceName, age: metadata.creationTimestamp ?? '' }
}
