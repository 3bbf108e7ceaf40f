/** The kinds of message that carry a file. */
export const MEDIA_KINDS = ['image', 'video', 'document', 'audio', 'voice', 'sticker', 'roundVideo'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

export function isMediaKind(type: string): type is MediaKind {
  return Object.hasOwn(RULES, type)
}

const KB = 1024
const MB = 1024 * KB

/** What Meta's API takes of them; Evolution makes a voice note of any sound, and a sticker of any picture. */
const PICTURES = ['image/jpeg', 'image/png', 'image/webp']
const FILMS = ['video/mp4', 'video/3gpp', 'video/x-m4v']
const SOUNDS = ['audio/aac', 'audio/amr', 'audio/mp4', 'audio/mpeg', 'audio/ogg']

type Rule = Readonly<{ types: ReadonlySet<string> | undefined; bytesMax: number }>

/** Sizes are those of Meta's API. `types` undefined: any. */
const RULES: Readonly<Record<MediaKind, Rule>> = {
  image: { types: new Set(PICTURES), bytesMax: 5 * MB },
  video: { types: new Set(FILMS), bytesMax: 16 * MB },
  document: { types: undefined, bytesMax: 100 * MB },
  audio: { types: new Set(SOUNDS), bytesMax: 16 * MB },
  voice: { types: new Set([...SOUNDS, 'audio/flac', 'audio/wav', 'audio/webm']), bytesMax: 16 * MB },
  sticker: { types: new Set([...PICTURES, 'image/gif']), bytesMax: 500 * KB },
  roundVideo: { types: new Set(FILMS), bytesMax: 16 * MB },
}

type Facts = Readonly<{ type: string; size: number }>

export function bytesMaxOf(kind: MediaKind): number {
  return RULES[kind].bytesMax
}

/** Why a file cannot be sent as this kind, in words that stand after the name of its field; undefined: it can. */
export function whyUnfit(kind: MediaKind, { type, size }: Facts): string | undefined {
  const { types, bytesMax } = RULES[kind]
  if (types !== undefined && !types.has(type)) return `is ${type}, and ${kind} takes ${[...types].join(', ')}`
  return size > bytesMax ? tooLargeFor(kind) : undefined
}

export function tooLargeFor(kind: MediaKind): string {
  return `is larger than the ${RULES[kind].bytesMax} bytes that ${kind} takes`
}

/** What a file can be sent as. */
export function kindsOf(facts: Facts): MediaKind[] {
  return MEDIA_KINDS.filter((kind) => whyUnfit(kind, facts) === undefined)
}
