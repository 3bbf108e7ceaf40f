/** Everybody knows it, web pages included: under it the sandbox answers local names only. */
export const DEFAULT_KEY = 'sandbox'
