import { h, svg } from './dom.js'
import { numberOf } from './phone-format.js'

const WIDTH = 280
const HEIGHT = 150

/** A place with a drawn map: always the same streets for the same spot, and none of them real. */
export function location({ latitude, longitude, name, address }) {
  const spot = `${Number(latitude).toFixed(5)}, ${Number(longitude).toFixed(5)}`
  return [
    h(
      'div',
      { class: 'place' },
      map(spot),
      h(
        'div',
        { class: 'place-words' },
        h('p', { class: 'card-title', text: name || 'Location' }),
        address ? h('p', { class: 'card-note', text: address }) : null,
        h('p', { class: 'card-note spot', text: spot }),
      ),
    ),
  ]
}

function map(spot) {
  const random = (name, from, to) => from + (numberOf(`${spot} ${name}`, 1_000) / 1_000) * (to - from)
  const streets = svg('g', { transform: `rotate(${random('angle', -28, 28)} ${WIDTH / 2} ${HEIGHT / 2})` })
  for (let x = -60, index = 0; x < WIDTH + 60; x += random(`x${index}`, 26, 46), index += 1) {
    streets.append(street(`M${x} -90V${HEIGHT + 90}`, index % 4 === 2))
  }
  for (let y = -60, index = 0; y < HEIGHT + 60; y += random(`y${index}`, 22, 38), index += 1) {
    streets.append(street(`M-90 ${y}H${WIDTH + 90}`, index % 4 === 1))
  }
  const parkX = random('park x', 10, 150)
  const park = svg('rect', { class: 'map-park', x: parkX, y: random('park y', -10, 70), rx: 6, width: 74, height: 48 })
  const bend = random('bend', -40, 40)
  const start = random('river', 10, HEIGHT - 10)
  const river = svg('path', {
    class: 'map-river',
    d: `M-20 ${start} C ${WIDTH * 0.3} ${start + bend}, ${WIDTH * 0.6} ${start - bend * 1.5}, ${WIDTH + 20} ${start + bend}`,
  })
  const pin = svg('g', { transform: `translate(${WIDTH / 2} ${HEIGHT / 2})` })
  pin.append(
    svg('ellipse', { class: 'map-shade', cx: 0, cy: 1, rx: 9, ry: 3.5 }),
    svg('path', { class: 'map-pin', d: 'M0 0C-11-12-14-17-14-25a14 14 0 0 1 28 0C14-17 11-12 0 0Z' }),
    svg('circle', { class: 'map-hole', cx: 0, cy: -25, r: 5 }),
  )
  return svg(
    'svg',
    {
      class: 'map',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'xMidYMid slice',
      role: 'img',
      'aria-label': `Drawn map of ${spot}`,
    },
    park,
    river,
    streets,
    pin,
  )
}

function street(line, isWide) {
  return svg('path', { class: isWide ? 'map-avenue' : 'map-street', d: line })
}
