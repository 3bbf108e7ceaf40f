/** Building and keeping up the page's elements. Data enters as text alone, never as markup. */

/**
 * An element: `class`, `text`, listeners as `onclick`, booleans as properties of HTML have them, and attributes.
 * Children that are null or false are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (name === 'class') made.className = value
    else if (name === 'text') made.textContent = value
    else if (name.startsWith('on')) made.addEventListener(name.slice(2), value)
    else made.setAttribute(name, value === true ? '' : String(value))
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false))
  return made
}

export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  made.append(...children)
  return made
}

export const byId = (id) => document.getElementById(id)

/** Untouched text keeps a reader's selection. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

export function hidden(text) {
  return h('span', { class: 'visually-hidden', text })
}

/**
 * Makes the children of `container` match `items`: pieces are reused by key, so scrolling and what was typed survive,
 * and the focus comes back to a piece that had to move.
 */
export function reconcile(container, items, { keyOf, create, update }) {
  container.pieces ??= new Map()
  const focused = container.contains(document.activeElement) ? document.activeElement : null
  const kept = new Map()
  let place = container.firstElementChild
  for (const item of items) {
    const key = keyOf(item)
    const piece = container.pieces.get(key) ?? create(item)
    kept.set(key, piece)
    update?.(piece, item)
    if (piece.element === place) place = place.nextElementSibling
    else container.insertBefore(piece.element, place)
  }
  dropAllBut(kept, container.pieces)
  container.pieces = kept
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true })
}

function dropAllBut(kept, pieces) {
  for (const [key, piece] of pieces) {
    if (kept.get(key) === piece) continue
    piece.dispose?.()
    piece.element.remove()
  }
}

/** One stop for the Tab key in a list; the arrow keys, Home and End walk through it. */
export function makeWalkable(list) {
  list.addEventListener('keydown', (event) => {
    const buttons = [...list.querySelectorAll('.row')]
    const at = buttons.indexOf(document.activeElement)
    if (at < 0) return
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    buttons[Math.max(0, Math.min(next, buttons.length - 1))].focus()
  })
  list.addEventListener('focusin', (event) => setStop(list, event.target.closest('.row')))
}

/** After rows came or went: the focused one, else the chosen one, else the first takes the Tab key. */
export function keepOneStop(list) {
  const focused = list.contains(document.activeElement) ? document.activeElement.closest('.row') : null
  setStop(list, focused ?? list.querySelector('.row[aria-current="true"]') ?? list.querySelector('.row'))
}

function setStop(list, stop) {
  for (const button of list.querySelectorAll('.row')) button.tabIndex = button === stop ? 0 : -1
}
