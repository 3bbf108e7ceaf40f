/** `5511999991000` → `+55 (11) 99999-1000`; other countries get their digits in groups. */
export function phoneNumber(digits) {
  const brazilian = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(digits)
  if (brazilian) return `+55 (${brazilian[1]}) ${brazilian[2]}-${brazilian[3]}`
  return /^\d+$/.test(digits)
    ? `+${digits.replace(/(\d{2})(?=(\d{3})+$)/, '$1 ').replace(/(\d{3})(?=\d)/g, '$1 ')}`
    : digits
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
