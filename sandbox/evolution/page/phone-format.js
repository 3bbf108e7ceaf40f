/** `5511999991000` → `+55 (11) 99999-1000`, and North America in its own way; other numbers as they are, with a plus. */
export function phoneNumber(digits) {
  const local = /^(55)(\d{2})(\d{4,5})(\d{4})$/.exec(digits) ?? /^(1)(\d{3})(\d{3})(\d{4})$/.exec(digits)
  if (local) return `+${local[1]} (${local[2]}) ${local[3]}-${local[4]}`
  if (digits.endsWith('@g.us')) return `Group ${digits.slice(0, -5)}`
  return /^\d+$/.test(digits) ? `+${digits}` : digits
}

export function timeOf(at) {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}

export function dayOf(at) {
  const date = new Date(at)
  const today = new Date()
  return date.toDateString() === today.toDateString()
    ? 'Today'
    : date.toLocaleDateString([], { day: 'numeric', month: 'long', year: 'numeric' })
}

/** `0:07` */
export function minutes(seconds) {
  const whole = Number.isFinite(seconds) ? Math.round(seconds) : 0
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

export function size(bytes) {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** A whole number below `limit`, always the same for the same text and far from that of a similar one (FNV-1a). */
export function numberOf(text, limit) {
  let sum = 2_166_136_261
  for (const character of text) sum = Math.imul(sum ^ character.charCodeAt(0), 16_777_619)
  return ((sum ^ (sum >>> 15)) >>> 0) % limit
}

/** One of eight colours, always the same for the same name. */
export function hueOf(name) {
  return `hue-${numberOf(name, 8)}`
}

/** Two letters of a name, or the last two digits of a number. */
export function initialsOf(name) {
  const digits = /^(\d+)(@|$)/.exec(name)
  if (digits) return digits[1].slice(-2)
  const words = name.split(/[-_\s]+/).filter((word) => word !== '')
  const letters = words.length > 1 ? words[0][0] + words[1][0] : name.slice(0, 2)
  return letters.toUpperCase()
}
