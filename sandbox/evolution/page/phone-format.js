/** `5511999991000` → `+55 (11) 99999-1000`, and North America in its own way; other numbers as they are, with a plus. */
export function phoneNumber(digits) {
  const local = /^(55)(\d{2})(\d{4,5})(\d{4})$/.exec(digits) ?? /^(1)(\d{3})(\d{3})(\d{4})$/.exec(digits)
  if (local) return `+${local[1]} (${local[2]}) ${local[3]}-${local[4]}`
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

/** One of eight colours, always the same for the same name. */
export function hueOf(name) {
  let sum = 0
  for (const character of name) sum = (sum * 31 + character.charCodeAt(0)) % 8_191
  return `hue-${sum % 8}`
}

/** Two letters of a name, or the last two digits of a number. */
export function initialsOf(name) {
  if (/^\d+$/.test(name)) return name.slice(-2)
  const words = name.split(/[-_\s]+/).filter((word) => word !== '')
  const letters = words.length > 1 ? words[0][0] + words[1][0] : name.slice(0, 2)
  return letters.toUpperCase()
}
