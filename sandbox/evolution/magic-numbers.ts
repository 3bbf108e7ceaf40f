export type Magic =
  | 'not-on-whatsapp'
  | 'look-up-hangs'
  | 'keys-hang'
  | 'rate-overlimit'
  | 'server-error'
  | 'servers-down'
  | 'unauthorized'
  | 'socket-lost-before'
  | 'socket-lost-after'
  | 'refused-after'
  | 'never-acknowledged'

type MagicNumber = Readonly<{ ending: string; magic: Magic; answer: string; effect: string }>

/** Recipients whose last four digits choose what goes wrong, in the order the page lists them. */
export const magicNumbers: readonly MagicNumber[] = [
  {
    ending: '0404',
    magic: 'not-on-whatsapp',
    answer: '400',
    effect: "The number is not on WhatsApp. Business channel: 201 with Meta's error 131030.",
  },
  { ending: '0408', magic: 'look-up-hangs', answer: '500 after 60 s', effect: 'WhatsApp never answers the look-up.' },
  {
    ending: '0504',
    magic: 'keys-hang',
    answer: '400 after 60 s',
    effect: 'WhatsApp never hands out the keys, so nothing can be encrypted for this number.',
  },
  {
    ending: '0429',
    magic: 'rate-overlimit',
    answer: '500, 500, 201',
    effect: 'Too many look-ups; the third try works.',
  },
  {
    ending: '0500',
    magic: 'server-error',
    answer: '500, 500, 201',
    effect: 'The database fails; the third try works. Business channel: 400, though Meta took the message.',
  },
  {
    ending: '0503',
    magic: 'servers-down',
    answer: '500 or 400',
    effect: 'Files cannot be uploaded: 500. Business channel: Meta answers 503, which comes out as 400.',
  },
  {
    ending: '0401',
    magic: 'unauthorized',
    answer: '201',
    effect: "Business channel: the token is no longer good, told by Meta's error 190 under 201.",
  },
  {
    ending: '0009',
    magic: 'socket-lost-before',
    answer: '500, 500, 201',
    effect: 'The connection breaks before the message leaves and is back at once; the third try works.',
  },
  {
    ending: '0011',
    magic: 'socket-lost-after',
    answer: '201',
    effect: 'Taken, then the connection breaks: no tick ever follows.',
  },
  { ending: '0463', magic: 'refused-after', answer: '201', effect: 'Taken, then WhatsApp refuses it.' },
  { ending: '0010', magic: 'never-acknowledged', answer: '201', effect: 'Taken, and never heard of again.' },
]

const byEnding = new Map(magicNumbers.map(({ ending, magic }) => [ending, magic]))

export function magicOf(jid: string): Magic | undefined {
  const end = jid.indexOf('@')
  return byEnding.get(jid.slice(end - 4, end))
}

const FAILING_TRIES = 2
const REMEMBERED_MAX = 10_000

/** Counts tries so that a passing trouble passes: true for the first two of a key, false for the third, then anew. */
export function createPassingTrouble(): { strikes(key: string): boolean } {
  const tries = new Map<string, number>()
  return {
    strikes(key) {
      const earlier = tries.get(key) ?? 0
      tries.delete(key)
      if (earlier >= FAILING_TRIES) return false
      if (tries.size >= REMEMBERED_MAX) tries.clear()
      tries.set(key, earlier + 1)
      return true
    },
  }
}
