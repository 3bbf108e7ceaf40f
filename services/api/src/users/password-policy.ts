import { readFileSync } from 'node:fs'
import { truncates } from 'bcryptjs'

/** What is wrong with a new password, or undefined. Length and a list of common ones; no rules of composition. */
export type JudgePassword = (password: string) => string | undefined

export function createPasswordPolicy(o: { lengthMin: number }): JudgePassword {
  const common = readCommonPasswords()
  return (password) => {
    if ([...password].length < o.lengthMin) return `must have at least ${o.lengthMin} characters`
    if (truncates(password)) return 'must not have more than 72 bytes in UTF-8'
    if (isCommon(password, common)) return 'is among the most common passwords'
    return undefined
  }
}

/** Digits and signs hung on to a common word do not make it rare. */
function isCommon(password: string, common: ReadonlySet<string>): boolean {
  const lower = password.toLowerCase()
  return common.has(lower) || common.has(lower.replace(/[\d\W_]+$/, '')) || /^(.{1,4})\1+$/s.test(lower)
}

function readCommonPasswords(): ReadonlySet<string> {
  const text = readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8')
  return new Set(text.split('\n').filter((line) => line !== ''))
}
