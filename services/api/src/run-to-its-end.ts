import { ConfigError } from '@whatsapp-sender/service-runtime'

/** For a program that does one thing and ends: what a person can put right is told in one line, all else with its trace. */
export async function runToItsEnd(program: () => Promise<void>): Promise<void> {
  try {
    await program()
  } catch (error) {
    if (!isForeseeable(error)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

/** Settings that make no sense, or a database that is not there or does not let us. */
function isForeseeable(error: unknown): error is Error {
  return error instanceof ConfigError || (error instanceof Error && error.name.startsWith('Mongo'))
}
