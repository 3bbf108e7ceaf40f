/** The pieces the page is made of. Each is `{ element, show(data) }`; data enters by textContent alone. */
import { hueOf, initialsOf, phoneNumber, timeOf } from './phone-format.js'

/** Makes the children of `container` match `items`: pieces are reused by key, so focus and scrolling survive. */
export function reconcile(container, items, { keyOf, create, update }) {
  container.pieces ??= new Map()
  const kept = new Map()
  let place = container.firstElementChild
  for (const item of items) {
    const key = keyOf(item)
    const piece = container.pieces.get(key) ?? create(item)
    kept.set(key, piece)
    update(piece, item)
    if (piece.element === place) place = place.nextElementSibling
    else container.insertBefore(piece.element, place)
  }
  for (const [key, piece] of container.pieces) {
    if (kept.get(key) !== piece) piece.element.remove()
  }
  container.pieces = kept
}

const STATES = {
  open: 'Connected',
  connecting: 'Waits for a scan',
  close: 'Not connected',
  loading: 'Loading',
  gone: 'Being deleted',
}

export function phoneRow(select) {
  return ({ name }) => {
    const avatar = element('span', `avatar ${hueOf(name)}`, initialsOf(name))
    avatar.setAttribute('aria-hidden', 'true')
    const dot = element('span', 'dot')
    const note = element('span', 'row-note')
    const row = rowButton(
      () => select(name),
      [avatar, column(line(element('span', 'row-name', name)), line(dot, note))],
    )
    return {
      element: row.item,
      show(phone, isChosen) {
        row.button.setAttribute('aria-current', String(isChosen))
        dot.dataset.state = phone.state
        setText(note, phone.state === 'open' && phone.owner ? phoneNumber(phone.owner) : STATES[phone.state])
      },
    }
  }
}

export function chatRow(select) {
  return ({ key, number }) => {
    const avatar = element('span', `avatar ${hueOf(number)}`, initialsOf(number))
    avatar.setAttribute('aria-hidden', 'true')
    const time = element('span', 'row-time')
    const note = element('span', 'row-note')
    const mark = tick()
    const row = rowButton(
      () => select(key),
      [avatar, column(line(element('span', 'row-name', phoneNumber(number)), time), line(mark.element, note))],
    )
    return {
      element: row.item,
      show({ last }, isChosen) {
        row.button.setAttribute('aria-current', String(isChosen))
        setText(time, timeOf(last.at))
        setText(note, last.content.slice(0, 120))
        mark.show(last.status)
      },
    }
  }
}

export function bubble() {
  const text = element('p', 'bubble-text')
  const time = element('time')
  const mark = tick()
  const meta = element('div', 'bubble-meta')
  meta.append(time, mark.element)
  const item = element('li', 'bubble')
  item.append(text, meta)
  return {
    element: item,
    show(message) {
      if (message.fresh) item.classList.add('fresh')
      setText(text, message.content)
      setText(time, timeOf(message.at))
      time.dateTime = new Date(message.at).toISOString()
      mark.show(message.status)
    },
  }
}

export function day(item) {
  return { element: element('li', 'day', item.day), show() {} }
}

const STATUSES = { PENDING: 'sent', DELIVERY_ACK: 'delivered', READ: 'read', ERROR: 'refused by WhatsApp' }

function tick() {
  const mark = element('span', 'tick')
  const words = element('span', 'visually-hidden')
  mark.append(tickPicture(), words)
  return {
    element: mark,
    show(status) {
      mark.dataset.status = status
      mark.title = STATUSES[status]
      setText(words, STATUSES[status])
    },
  }
}

function tickPicture() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 18 12')
  svg.setAttribute('aria-hidden', 'true')
  const strokes = {
    first: 'm2 6.500 3.400 3.400L12 2.400',
    second: 'm8.300 9.200.7.700L15.600 2.400',
    wrong: 'M9 .8a5.200 5.200 0 1 0 0 10.400A5.200 5.200 0 1 0 9 .8ZM9 3.300v3.200M9 8.700v.1',
  }
  for (const [name, line] of Object.entries(strokes)) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
    path.setAttribute('class', name)
    path.setAttribute('d', line)
    svg.append(path)
  }
  return svg
}

function rowButton(onClick, children) {
  const item = element('li')
  const button = element('button', 'row')
  button.type = 'button'
  button.addEventListener('click', onClick)
  button.append(...children)
  item.append(button)
  return { item, button }
}

function column(...children) {
  const box = element('span', 'grow')
  box.append(...children)
  return box
}

function line(...children) {
  const box = element('span', 'row-line')
  box.append(...children)
  return box
}

function element(tag, className = '', text = '') {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text
  return made
}

/** Untouched text keeps a reader's selection. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

export function magicRow(magic) {
  const row = element('tr')
  const ending = element('th', '', magic.ending)
  ending.scope = 'row'
  row.append(ending, element('td', '', magic.answer), element('td', '', magic.effect))
  return { element: row }
}
