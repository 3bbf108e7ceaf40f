/** WhatsApp's address for what a caller wrote as `number`, by the rules of the real server. */
export function jidOf(number: string): string {
  const bare = number.replace(/:\d+/, '')
  if (/@(g\.us|s\.whatsapp\.net|lid|broadcast)/.test(bare)) {
    return bare
  }
  const user = bare.replace(/[\s+()]/g, '').split(/[:@]/)[0] ?? ''
  if (user.includes('-') && user.length >= 23) {
    return `${user.replace(/[^\d-]/g, '')}@g.us`
  }
  const digits = user.replace(/\D/g, '')
  return digits.length >= 18 ? `${digits}@g.us` : `${withoutExtraDigit(digits)}${USER_SERVER}`
}

export const USER_SERVER = '@s.whatsapp.net'

/** The digits of what a caller wrote, whatever server follows them. */
export function digitsOf(number: string): string {
  return (number.split('@')[0] ?? '').replace(/\D/g, '')
}

/** A Brazilian mobile number of 12 digits may be known under its form with the ninth digit. */
export function withNinthDigit(jid: string): string | undefined {
  const match = /^55(\d{2})(\d{8}@s\.whatsapp\.net)$/.exec(jid)
  return match ? `55${match[1]}9${match[2]}` : undefined
}

/** Mexico and Argentina lose the digit after the country code; Brazil loses the ninth digit from area code 31 on. */
function withoutExtraDigit(digits: string): string {
  if (/^5[24]\d{11}$/.test(digits)) {
    return digits.slice(0, 2) + digits.slice(3)
  }
  const brazilian = /^55(\d{2})\d([7-9]\d{7})$/.exec(digits)
  return brazilian && Number(brazilian[1]) >= 31 ? `55${brazilian[1]}${brazilian[2]}` : digits
}
