/** The variables of an environment whose whole names match, for a program that is to know no more than it needs. */
export function partOf(env: NodeJS.ProcessEnv, names: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.test(name)))
}
