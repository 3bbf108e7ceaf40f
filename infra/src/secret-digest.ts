/** A value of a Secret; without a key: all of them. */
export type SecretKey = Readonly<{ secret: string; key?: string }>

/**
 * What changes when one of these values does; undefined: none of them is there yet. One for all that a pod reads, and
 * for nothing else, so that it is replaced for what it reads alone.
 */
export type SecretDigest = (values: readonly SecretKey[]) => string | undefined
