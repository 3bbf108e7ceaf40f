import assert from 'node:assert/strict'
import { ConfigError } from '@whatsapp-sender/service-runtime'

/** The variables for which a configuration is refused; none: it is taken. */
export function faultyVariables(load: () => unknown): string[] {
  try {
    load()
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.faults.map(({ variable }) => variable)
  }
  return []
}
