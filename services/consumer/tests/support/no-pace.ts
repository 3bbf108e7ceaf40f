import type { Paces } from '../../src/dispatch/paces.ts'

/** Nothing is paced. */
export const NO_PACE: Pick<Paces, 'of' | 'close'> = { of: () => undefined, close: () => {} }
