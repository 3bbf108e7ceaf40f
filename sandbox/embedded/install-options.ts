export type InstallOptions = Readonly<{
  /** Called before work that takes seconds. */
  onInstall?: () => void
  /** Gives up. */
  signal?: AbortSignal | undefined
}>
