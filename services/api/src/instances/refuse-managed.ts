import type { Instance } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'
import type { Principal } from '../principal.ts'

/**
 * For what is decided in one place only: whoever keeps the instance as it is declared would undo it.
 * @throws {ProblemError} 409, and to a manager 403 for an instance that it does not keep
 */
export function refuseManaged(
  { managedBy }: Pick<Instance, 'managedBy'>,
  { manager }: Pick<Principal, 'manager'>,
): void {
  if (managedBy === manager) return
  if (managedBy === undefined) throw new ProblemError('forbidden', 'It is kept by its owner. Take it over first.')
  throw new ProblemError('managed-by-kubernetes', 'Change the WhatsAppInstance that declares it.')
}
