import { InstallError } from '../embedded/install-error.ts'
import { DirectoryLockedError } from '../process/directory-lock.ts'
import { ProcessNotReadyError } from '../process/ready-process.ts'
import { readableLog } from './readable-log.ts'
import { StartError } from './start-error.ts'

/** Foreseen failures in words for the person at the terminal; the rest with all there is. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof ProcessNotReadyError) {
    const [what = ''] = error.message.split('\n', 1)
    return `${what}. It said last:\n${readableLog(error.lastLines)}`
  }
  if (isForbidden(error)) return `${error.message}\nAnother folder for the data: SANDBOX_DIR=… npm start`
  if (isForeseen(error)) return error.message
  return error.stack ?? error.message
}

function isForbidden(error: Error): boolean {
  return 'code' in error && 'path' in error && ['EACCES', 'EPERM', 'EROFS'].some((code) => code === error.code)
}

function isForeseen(error: Error): boolean {
  const isOurs = [StartError, InstallError, DirectoryLockedError].some((type) => error instanceof type)
  // A file or folder that cannot be read or written, a disk that is full: the message names it.
  return isOurs || error.name === 'ConfigError' || ('syscall' in error && 'path' in error)
}
