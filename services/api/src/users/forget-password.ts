import type { User } from '@whatsapp-sender/store'
import type { RequestLimit } from '../http/request-limit.ts'
import type { Mail } from '../mail/smtp-mailer.ts'

/** Mails a token for a new password to the account of this address, if there is one that was approved. */
export type ForgetPassword = (email: string) => Promise<void>

export function createForgetPassword(o: {
  findUserByEmail(email: string): Promise<Pick<User, 'id' | 'status'> | undefined>
  issueReset(user: string): Promise<Readonly<{ token: string; expiresAt: Date }>>
  /** So that nobody can fill the mailbox of another. */
  perAccount: RequestLimit
  post(mail: Mail): boolean
  onNotPosted(): void
}): ForgetPassword {
  return async (email) => {
    const user = await o.findUserByEmail(email)
    if (user?.status !== 'approved' || (await o.perAccount.take(user.id)) > 0) return
    const { token, expiresAt } = await o.issueReset(user.id)
    const isPosted = o.post({
      to: email,
      subject: 'A new password for WhatsApp Sender',
      text: textOf(token, expiresAt),
    })
    if (!isPosted) o.onNotPosted()
  }
}

function textOf(token: string, expiresAt: Date): string {
  return [
    'Somebody asked for a new password for your account at WhatsApp Sender.',
    'If it was not you, do nothing: your password stays as it is.',
    '',
    'Your token, to be sent with the new password to',
    'POST /user/password-reset, as "token":',
    '',
    token,
    '',
    `It works once, until ${expiresAt.toISOString()}.`,
  ].join('\n')
}
