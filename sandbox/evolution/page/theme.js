import { byId } from './dom.js'
import { icon } from './icons.js'

const THEMES = ['system', 'light', 'dark']
const PICTURES = { system: 'system', light: 'sun', dark: 'moon' }

/** Light, dark, or as the system has it; kept in this browser. */
export function startTheme() {
  let theme = read()
  show()
  byId('theme').addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]
    try {
      localStorage.setItem('theme', theme)
    } catch {
      // Storage is closed to this page: the choice lasts until it is left.
    }
    show()
  })

  function show() {
    document.documentElement.dataset.theme = theme
    byId('theme').replaceChildren(icon(PICTURES[theme]))
    byId('theme').setAttribute('aria-label', `Colours: ${theme}`)
    byId('theme').title = `Colours: ${theme}`
  }
}

function read() {
  try {
    const kept = localStorage.getItem('theme')
    return THEMES.includes(kept) ? kept : 'system'
  } catch {
    return 'system'
  }
}
