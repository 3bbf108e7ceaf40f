/** A server cannot be had on this machine; the message names the ways out. */
export class InstallError extends Error {
  override readonly name = 'InstallError'
  readonly code = 'install-failed'
}
