import { gone } from './content-media.js'
import { h, svg } from './dom.js'
import { icon } from './icons.js'
import { minutes, numberOf } from './phone-format.js'

const BARS = 42
const DECODED_BYTES_MAX = 4_000_000

let playing

/** A voice note with its waveform, or a piece of music; one plays at a time. */
export function audio({ media }, { keyId, kind }) {
  const isVoice = kind === 'voice'
  if (!media) return [gone(isVoice ? 'mic' : 'music', isVoice ? 'Voice note' : 'Audio')]
  const address = `/sandbox/media/${encodeURIComponent(media.id)}`
  const sound = h('audio', { src: address, preload: 'metadata' })
  const name = isVoice ? 'voice note' : 'audio'
  const button = h('button', { class: 'play', type: 'button', 'aria-label': `Play the ${name}` }, icon('play'))
  const position = h('input', {
    type: 'range',
    class: 'position',
    min: '0',
    max: '1000',
    value: '0',
    'aria-label': `Position in the ${name}`,
  })
  const wave = waveform(keyId)
  const time = h('span', { class: 'play-time', text: '0:00' })

  const show = () => {
    button.replaceChildren(icon(sound.paused ? 'play' : 'pause'))
    button.setAttribute('aria-label', `${sound.paused ? 'Play' : 'Pause'} the ${name}`)
    const length = Number.isFinite(sound.duration) ? sound.duration : 0
    const share = length > 0 ? sound.currentTime / length : 0
    position.value = String(Math.round(share * 1_000))
    position.setAttribute('aria-valuetext', `${minutes(sound.currentTime)} of ${minutes(length)}`)
    wave.show(share)
    time.textContent = minutes(sound.currentTime > 0 ? sound.currentTime : length)
  }
  for (const event of ['play', 'pause', 'timeupdate', 'loadedmetadata']) sound.addEventListener(event, show)
  sound.addEventListener('ended', () => {
    sound.currentTime = 0
  })
  sound.addEventListener('error', () => {
    button.disabled = true
    time.textContent = 'cannot be played here'
  })
  position.addEventListener('input', () => {
    if (Number.isFinite(sound.duration)) sound.currentTime = (Number(position.value) / 1_000) * sound.duration
  })
  button.addEventListener('click', () => {
    if (!sound.paused) return sound.pause()
    if (playing !== sound) playing?.pause()
    playing = sound
    sound.play().catch(() => {})
  })
  if (media.bytes <= DECODED_BYTES_MAX) whenSeen(button, () => void listen(address, wave))

  const mark = h('span', { class: isVoice ? 'sound-mark voice' : 'sound-mark', 'aria-hidden': 'true' })
  mark.append(icon(isVoice ? 'mic' : 'music'))
  return [
    h(
      'div',
      { class: 'sound' },
      mark,
      button,
      h('div', { class: 'grow' }, h('div', { class: 'track' }, wave.element, position), time),
      sound,
    ),
  ]
}

function waveform(seed) {
  const bars = Array.from({ length: BARS }, (_, index) =>
    svg('rect', { x: index * 4, width: 2.4, rx: 1.2, ...place(0.15 + numberOf(`${seed}${index}`, 100) / 180) }),
  )
  const element = svg('svg', {
    class: 'waveform',
    viewBox: `0 0 ${BARS * 4} 32`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  })
  element.append(...bars)
  return {
    element,
    show(share) {
      for (const [index, bar] of bars.entries()) bar.classList.toggle('played', index / BARS < share)
    },
    draw(peaks) {
      for (const [index, bar] of bars.entries()) {
        for (const [name, value] of Object.entries(place(peaks[index]))) bar.setAttribute(name, value)
      }
    },
  }
}

function place(peak) {
  const height = Math.max(2.4, peak * 30)
  return { y: 16 - height / 2, height }
}

function whenSeen(element, act) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return
    observer.disconnect()
    act()
  })
  observer.observe(element)
}

/** The true shape of the sound, where the browser can decode it. */
async function listen(address, wave) {
  try {
    const bytes = await (await fetch(address)).arrayBuffer()
    const decoded = await new OfflineAudioContext(1, 1, 8_000).decodeAudioData(bytes)
    const samples = decoded.getChannelData(0)
    const step = Math.max(1, Math.floor(samples.length / BARS))
    const peaks = Array.from({ length: BARS }, (_, bar) => {
      let peak = 0
      for (let at = bar * step; at < (bar + 1) * step; at += 8) peak = Math.max(peak, Math.abs(samples[at] ?? 0))
      return peak
    })
    const loudest = Math.max(...peaks, 0.01)
    wave.draw(peaks.map((peak) => peak / loudest))
  } catch {
    // Not decodable here: the made-up waveform stays.
  }
}
