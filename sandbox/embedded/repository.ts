import { fileURLToPath } from 'node:url'

/** Absolute path of the repository. */
export const repositoryRoot: string = fileURLToPath(new URL('../..', import.meta.url))

/** Where downloaded servers are kept; never part of the repository. */
export const cacheDirectory: string = fileURLToPath(new URL('../../.cache', import.meta.url))
