import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import type { Accepted } from './account.ts'
import type { Asked } from './programme.ts'

/** A way of sending: what takes messages from callers, and the process that sends them and is killed. */
export type Way = Readonly<{
  instances: readonly string[]
  startSender(): Promise<RunningProcess>
  /** True once the caller has been told that his message is taken. */
  accept(message: Asked): Promise<boolean>
  /** Resolves when nothing more will leave. */
  untilQuiet(): Promise<void>
  /** What can be said of a message afterwards. */
  endOf(message: Asked): Promise<Accepted['end']>
  stop(): Promise<void>
}>
