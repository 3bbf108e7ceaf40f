/** Contacts, polls, lists, buttons and templates of a message. */
import { byId, h } from './dom.js'
import { formattedText } from './formatted-text.js'
import { icon } from './icons.js'
import { hueOf, initialsOf } from './phone-format.js'

export function contacts({ contacts: people }) {
  return people.map((person) =>
    h(
      'div',
      { class: 'card contact' },
      h('span', {
        class: `avatar ${hueOf(person.fullName)}`,
        'aria-hidden': 'true',
        text: initialsOf(person.fullName),
      }),
      h(
        'div',
        { class: 'grow' },
        h('p', { class: 'card-title', text: person.fullName }),
        h('p', { class: 'card-note', text: person.phoneNumber }),
        ...[person.organization, person.email, person.url]
          .filter(Boolean)
          .map((line) => h('p', { class: 'card-note', text: line })),
      ),
    ),
  )
}

export function poll({ name, values, selectableCount }) {
  const isSingle = selectableCount === 1
  return [
    h('p', { class: 'poll-name', text: name }),
    h('p', { class: 'card-note', text: isSingle ? 'Select one' : 'Select one or more' }),
    h(
      'ul',
      { class: isSingle ? 'poll single' : 'poll' },
      values.map((value) =>
        h('li', {}, h('span', { class: 'poll-mark' }), h('span', { class: 'poll-value', text: value })),
      ),
    ),
  ]
}

/** `answer(text)` says what the recipient chose. */
export function list(content, { answer }) {
  const open = h('button', { class: 'choice', type: 'button', 'aria-haspopup': 'dialog' })
  open.append(icon('list'), content.buttonText || 'Options')
  open.addEventListener('click', () => showList(content, answer))
  return [
    heading(content.title),
    content.description ? formattedText(content.description) : null,
    footer(content.footerText),
    h('div', { class: 'choices' }, open),
  ]
}

function showList({ title, buttonText, sections }, answer) {
  const dialog = byId('list')
  byId('list-title').textContent = buttonText || title
  byId('list-sections').replaceChildren(
    ...(sections ?? []).map((section) =>
      h(
        'section',
        {},
        section.title ? h('h3', { text: section.title }) : null,
        h(
          'ul',
          { class: 'rows' },
          (section.rows ?? []).map((row) =>
            h(
              'li',
              {},
              h(
                'button',
                {
                  class: 'row',
                  type: 'button',
                  onclick: () => {
                    dialog.close()
                    answer(row.title)
                  },
                },
                h(
                  'span',
                  { class: 'grow' },
                  h('span', { class: 'card-title', text: row.title }),
                  row.description ? h('span', { class: 'card-note', text: row.description }) : null,
                ),
                h('span', { class: 'row-id', text: row.rowId ?? '' }),
              ),
            ),
          ),
        ),
      ),
    ),
  )
  dialog.showModal()
}

export function buttons(content, { answer }) {
  return [
    heading(content.title),
    content.description ? formattedText(content.description) : null,
    footer(content.footer),
    h(
      'div',
      { class: 'choices' },
      (content.buttons ?? []).map((button) => choice(button, answer)),
    ),
  ]
}

function choice(button, answer) {
  if (button.type === 'url' && /^https?:\/\//i.test(button.url ?? '')) return outward(button, button.url, 'link')
  if (button.type === 'call') {
    const digits = (button.phoneNumber ?? '').replace(/[^\d+]/g, '')
    return outward({ displayText: digits, ...button }, `tel:${digits}`, 'call')
  }
  return button.type === 'copy' ? copyChoice(button) : answerChoice(button, answer)
}

function outward({ displayText }, href, picture) {
  const attributes = { class: 'choice', href, target: '_blank', rel: 'noopener noreferrer' }
  return h('a', attributes, icon(picture), displayText || href)
}

function copyChoice({ displayText, copyCode }) {
  const words = h('span', { text: displayText || 'Copy the code' })
  const made = h('button', { class: 'choice', type: 'button' }, icon('copy'), words)
  made.addEventListener('click', () => void copy(copyCode ?? '', words))
  return made
}

function answerChoice({ type, displayText }, answer) {
  const text = displayText || (type === 'pix' ? 'Pix' : 'Reply')
  const onclick = () => answer(text)
  return h('button', { class: 'choice', type: 'button', onclick }, icon(type === 'pix' ? 'copy' : 'reply'), text)
}

/** Says so where it was asked for; `text` may be no more than what the clipboard is allowed to take. */
export async function copy(text, words) {
  const before = words.textContent
  try {
    await navigator.clipboard.writeText(text)
    words.textContent = 'Copied'
  } catch {
    words.textContent = text
    return
  }
  setTimeout(() => {
    words.textContent = before
  }, COPIED_MS)
}

const COPIED_MS = 1_600

export function template({ name, language, components }) {
  const parts = (Array.isArray(components) ? components : []).map((component) =>
    h(
      'div',
      { class: 'template-part' },
      h('span', { class: 'template-type', text: String(component?.type ?? 'component') }),
      (Array.isArray(component?.parameters) ? component.parameters : []).map((parameter) =>
        h('span', { class: 'parameter', text: parameterText(parameter) }),
      ),
    ),
  )
  return [
    h(
      'div',
      { class: 'card' },
      h('span', { class: 'template-mark', 'aria-hidden': 'true' }, icon('template')),
      h(
        'div',
        { class: 'grow' },
        h('p', { class: 'card-title', text: name }),
        h('p', { class: 'card-note', text: `Template in ${language}` }),
      ),
    ),
    ...parts,
  ]
}

function parameterText(parameter) {
  return String(parameter?.text ?? parameter?.payload ?? JSON.stringify(parameter))
}

function heading(text) {
  return text ? h('p', { class: 'card-title', text }) : null
}

function footer(text) {
  return text ? h('p', { class: 'card-note', text }) : null
}
