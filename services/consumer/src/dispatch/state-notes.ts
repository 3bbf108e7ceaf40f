import { setTimeout as pause } from 'node:timers/promises'
import type { InstanceState } from '@whatsapp-sender/contract'

type Seen = Readonly<{ id: string; name: string; state: InstanceState }>

const AGAIN_MS = 1000

/**
 * Brings the state that instances were seen in to the database: of one instance one write at a time, the latest last, and
 * again until it is there. What is another's by then is left to him.
 */
export function createStateNotes({
  setState,
  isMine,
  onError,
  againMs = AGAIN_MS,
}: Readonly<{
  setState(id: string, state: InstanceState): Promise<void>
  isMine(name: string): boolean
  onError(error: unknown): void
  againMs?: number
}>): Readonly<{ note(seen: Seen): void; stop(): void }> {
  /** By id, at most one for each instance. */
  const latest = new Map<string, Seen>()
  let stopped = false

  const writeAll = async (id: string): Promise<void> => {
    for (let seen = latest.get(id); seen !== undefined; seen = latest.get(id)) {
      const isWritten = await write(seen)
      const isOver = stopped || !isMine(seen.name)
      if (isOver || (isWritten && latest.get(id) === seen)) latest.delete(id)
    }
  }

  const write = async ({ id, state }: Seen): Promise<boolean> => {
    try {
      await setState(id, state)
      return true
    } catch (error) {
      onError(error)
      await pause(againMs, undefined, { ref: false })
      return false
    }
  }

  return {
    note: (seen) => {
      const isWriting = latest.has(seen.id)
      latest.set(seen.id, seen)
      if (!isWriting) void writeAll(seen.id)
    },
    stop: () => {
      stopped = true
    },
  }
}
