import { svg } from './dom.js'

/** Lines on a field of 24 × 24. */
const LINES = {
  back: 'm14.5 5.5-6.5 6.5 6.5 6.5',
  button: 'M4 8.5h16v7H4zM9 12h6',
  camera: 'M4 8h3l1.5-2.5h7L17 8h3v11H4zM12 10a3.2 3.2 0 1 0 0 6.4A3.2 3.2 0 0 0 12 10',
  close: 'm6 6 12 12M18 6 6 18',
  contact: 'M12 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M5 20c.6-3.7 3.4-5.5 7-5.5s6.4 1.8 7 5.5',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  document: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  download: 'M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1',
  list: 'M9 6h11M9 12h11M9 18h11M4.5 6h.1M4.5 12h.1M4.5 18h.1',
  location: 'M12 21s7-6.2 7-11.5a7 7 0 1 0-14 0C5 14.8 12 21 12 21M12 7a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5',
  logout: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
  mic: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3M5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
  music: 'M9 18V5l10-2v13M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0M19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0',
  phone: 'M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3M11 18h2',
  call: 'M5 4h4l1.5 5-2.5 1.5a12 12 0 0 0 5.5 5.5L15 13.5l5 1.5v4c0 .6-.4 1-1 1A15 15 0 0 1 4 5c0-.6.4-1 1-1Z',
  pin: 'M9 3h6l-.8 6.5L18 13v2H6v-2l3.8-3.5zM12 15v6',
  poll: 'M6 20V10M12 20V4M18 20v-7',
  reply: 'M9 6 4 11l5 5M4.5 11H13c4 0 7 2.5 7 7',
  send: 'M4 12 20 4l-5 16-3.5-6.5zM11.5 13.5 20 4',
  sticker: 'M4 4h16v9l-7 7H4zM13 20v-7h7',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  system: 'M4 5h16v11H4zM9 20h6M12 16v4',
  template: 'M4 4h16v5H4zM4 13h7v7H4zM15 13h5v7h-5z',
  video: 'M3.5 6.5h11v11h-11zM14.5 11l6-3.5v9l-6-3.5',
}

/** Filled, on the same field. */
const FILLS = {
  pause: 'M7 5h3.6v14H7zM13.4 5H17v14h-3.6z',
  play: 'M8 4.8c0-.8.9-1.3 1.5-.9l10.3 7.2c.6.4.6 1.3 0 1.7L9.5 20c-.6.5-1.5 0-1.5-.8z',
}

export function icon(name) {
  const isFilled = name in FILLS
  const picture = svg('svg', { class: isFilled ? 'icon filled' : 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' })
  picture.append(svg('path', { d: FILLS[name] ?? LINES[name] }))
  return picture
}
