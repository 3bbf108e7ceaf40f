import { byId, setText } from './dom.js'
import { phoneNumber } from './phone-format.js'

/** WhatsApp lets the first code of a pairing live this long and those after it shorter. */
const FIRST_CODE_SECONDS = 60
const LATER_CODE_SECONDS = 20

/** The QR code of the chosen phone, its pairing code, and how long they still count. */
export function createPairing({ scan }) {
  let current
  setInterval(showAge, 1_000)
  byId('scan').addEventListener('click', () => void scan(current.name))
  return {
    show(phone) {
      current = phone !== undefined && phone.state !== 'open' && phone.state !== 'gone' ? phone : undefined
      byId('pairing').hidden = current === undefined
      if (current === undefined) return
      const hasCode = Boolean(phone.qr)
      byId('qr-frame').hidden = !hasCode
      if (hasCode && byId('qr').src !== phone.qr) {
        Object.assign(byId('qr'), { src: phone.qr, alt: `QR code that links ${phone.name}` })
      }
      byId('pairing-code-box').hidden = !phone.pairingCode
      setText(byId('pairing-code'), (phone.pairingCode ?? '').replace(/^(.{4})(.{4})$/, '$1-$2'))
      setText(byId('pairing-title'), hasCode ? 'Link this phone' : TITLES[phone.state])
      setText(byId('pairing-text'), hasCode ? 'Scan the code, or press the button as if you had.' : TEXTS[phone.state])
      setText(byId('scan'), hasCode ? 'Scan' : 'Connect')
      showAge()
    },
  }

  function showAge() {
    if (!current?.qr) return
    const life = (current.count ?? 1) > 1 ? LATER_CODE_SECONDS : FIRST_CODE_SECONDS
    const left = Math.max(0, life - Math.floor((Date.now() - current.qrAt) / 1_000))
    const which = current.count ? `Code ${current.count}` : 'This code'
    setText(byId('pairing-age'), left > 0 ? `${which}, renewed in ${left} s` : `${which} is about to be renewed`)
    byId('pairing-life').value = left / life
  }
}

const TITLES = { connecting: 'Connecting', close: 'Not connected', loading: 'The server is loading' }

const TEXTS = {
  connecting: 'This phone is on its way to WhatsApp. A code appears if one is needed.',
  close: 'The login ended or never began. Ask for a code by GET /instance/connect, or connect it here.',
  loading: 'Instances are known but not yet in memory, as for a moment after each start.',
}

/** A camera that read the code opens the page with `?instance=…&scan`: it asks whether to link the phone. */
export function offerScan({ name, model, scan }) {
  const dialog = byId('scan-sheet')
  setText(byId('scan-sheet-name'), name)
  byId('scan-sheet-button').addEventListener('click', () => {
    void scan(name).then(() => dialog.close())
  })
  dialog.addEventListener('close', () => history.replaceState(null, '', `/phone?instance=${encodeURIComponent(name)}`))
  dialog.showModal()
  return () => {
    const phone = model.instances.get(name)
    const canScan = phone !== undefined && phone.state !== 'open'
    byId('scan-sheet-button').hidden = !canScan
    if (!model.isLoaded()) return
    const owner = phone?.owner ? ` as ${phoneNumber(phone.owner)}` : ''
    if (phone === undefined) setText(byId('scan-sheet-text'), 'There is no such phone here: its code is too old.')
    else if (canScan) setText(byId('scan-sheet-text'), 'wants to send messages from this phone. Link it?')
    else setText(byId('scan-sheet-text'), `is connected${owner}.`)
  }
}
