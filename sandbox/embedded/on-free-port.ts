import { ProcessNotReadyError } from '../process/ready-process.ts'

const ATTEMPTS_MAX = 5

/** Between the choice of a free port and the bind somebody else may take it: then once more, with another one. */
export async function onFreePort<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start()
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isPortTaken(error)) throw error
    }
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof ProcessNotReadyError && /address already in use/i.test(error.lastLines)
}
