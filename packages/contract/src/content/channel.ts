import { z } from 'zod'
import { isJid } from '../recipient.ts'
import type { MessageType } from './message.ts'

/**
 * How Evolution reaches WhatsApp for an instance: as WhatsApp Web does, by Meta's API, or not at all (Evolution's own
 * channel hands messages to other programs). `sandbox` reaches neither Evolution nor any phone. An instance keeps its
 * channel for life.
 */
export const Channel = z.enum(['baileys', 'business', 'evolution', 'sandbox'])
export type Channel = z.infer<typeof Channel>

/** What Evolution API 2.3.6 has no way to send over a channel, and why. */
const LACKING: Readonly<Record<Channel, Readonly<Partial<Record<MessageType, string>>>>> = {
  baileys: { template: 'Templates belong to Meta, and this instance is connected as WhatsApp Web is.' },
  business: lacking("Evolution API does not offer it over Meta's API.", ['sticker', 'roundVideo', 'poll']),
  evolution: lacking('Evolution API does not offer it on its own channel.', [
    'sticker',
    'roundVideo',
    'location',
    'contacts',
    'reaction',
    'poll',
    'list',
    'template',
  ]),
  sandbox: {},
}

/** Why a channel cannot send a kind; undefined when it can. */
export function whyNotSendable(channel: Channel, type: MessageType): string | undefined {
  return LACKING[channel][type]
}

/** Why a recipient cannot be reached over a channel; undefined when he can. */
export function whyNotReachable(channel: Channel, to: string): string | undefined {
  return channel === 'business' && isJid(to) ? "Meta's API reaches telephone numbers only." : undefined
}

function lacking(why: string, types: readonly MessageType[]): Partial<Record<MessageType, string>> {
  return Object.fromEntries(types.map((type) => [type, why]))
}
