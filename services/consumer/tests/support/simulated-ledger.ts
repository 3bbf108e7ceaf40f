import type { LaneRow, Ledger } from '@whatsapp-sender/store'
import type { DeliveryResult, DeliverySteps } from '../../src/delivery/deliver-message.ts'
import { compareKeys } from '../../src/dispatch/order-key.ts'

export type Row = { row: LaneRow; open: boolean; attempts: number; sends: number; orderly: boolean }

/** Something that waits to go one step on, or to fail. */
export type Pending = { kind: 'read' | 'insert' | 'claim' | 'settle'; proceed: () => void; fail?: () => void }

type LoadRequest = Parameters<Ledger['load']>[0]
type InFlight = { row: Row; answer(sent: boolean): void }

/** Rows, and a gateway that answers when it is told to. Every operation waits in `pending` for its next step. */
export function createSimulatedLedger({ now }: Readonly<{ now(): number }>) {
  const rows = new Map<string, Row>()
  const pending: Pending[] = []
  const inFlight: InFlight[] = []
  const firstAttempts: LaneRow[] = []
  const faults: string[] = []

  const openRows = (instance: string): LaneRow[] =>
    [...rows.values()]
      .filter(({ row, open }) => open && row.instance === instance)
      .map(({ row }) => row)
      .sort(compareKeys)

  const find = ({ instance, after, to, notTo = [], priority, limit }: LoadRequest): LaneRow[] =>
    openRows(instance)
      .filter((row) => after === undefined || compareKeys(row, after) > 0)
      .filter((row) => priority === undefined || row.priority === priority)
      .filter((row) => (to === undefined ? !notTo.includes(row.to) : row.to === to))
      .slice(0, limit)

  /** Asked for, taken from what is there, answered: three moments. */
  const load = (request: LoadRequest): Promise<LaneRow[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<LaneRow[]>()
    const fail = () => reject(new Error('connection lost'))
    const read = (): void => {
      const found = find(request)
      pending.push({ kind: 'read', proceed: () => resolve(found), fail })
    }
    pending.push({ kind: 'read', proceed: read, fail })
    return promise
  }

  const claim = async (id: string): Promise<Row | undefined> => {
    await new Promise<void>((resolve) => pending.push({ kind: 'claim', proceed: resolve }))
    const kept = rows.get(id)
    if (kept === undefined || !kept.open || kept.row.status !== 'queued') return undefined
    kept.row = { ...kept.row, status: 'sending', by: 'me', claim: 'token' }
    return kept
  }

  const deliver = async ({ id }: LaneRow, steps: DeliverySteps): Promise<DeliveryResult> => {
    const kept = await claim(id)
    if (kept === undefined) return { kind: 'changed' }
    await steps.slot()
    steps.begun = true
    if (kept.attempts === 0) firstAttempts.push(kept.row)
    kept.attempts += 1
    const sent = await new Promise<boolean>((answer) => inFlight.push({ row: kept, answer }))
    steps.answered()
    if (sent) {
      kept.sends += 1
      kept.open = false
      return { kind: 'ended' }
    }
    kept.row = { ...kept.row, status: 'queued', nextAttemptAt: now() + (kept.attempts % 2 === 0 ? 300 : 3000) }
    return { kind: 'waits', row: kept.row }
  }

  /** What becomes of a claimed row; undefined: not known yet. */
  const settled = ({ id }: LaneRow, isHeld: (id: string) => boolean): DeliveryResult | undefined => {
    const kept = rows.get(id)
    if (kept === undefined || !kept.open) return { kind: 'ended' }
    if (isHeld(id)) return undefined
    if (kept.row.status === 'sending') {
      if (inFlight.some(({ row }) => row === kept)) faults.push(`${id} was given back while it was being sent`)
      kept.row = { ...kept.row, status: 'queued' }
    }
    return { kind: 'waits', row: kept.row }
  }

  const settle = (row: LaneRow, isHeld: (id: string) => boolean): Promise<DeliveryResult> =>
    new Promise((resolve) => {
      const look = (): void => {
        const result = settled(row, isHeld)
        if (result === undefined) pending.push({ kind: 'settle', proceed: look })
        else resolve(result)
      }
      pending.push({ kind: 'settle', proceed: look })
    })

  return { rows, pending, inFlight, faults, firstAttempts, openRows, load, deliver, settle }
}
