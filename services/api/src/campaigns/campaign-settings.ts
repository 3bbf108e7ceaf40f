import { z } from 'zod'
import { defaultsIn, rowDefaults } from '../batches/batch-row.ts'
import { Template } from '../batches/template.ts'
import { faultsOfTimes } from '../messages/message-options.ts'
import { Metadata } from '../messages/metadata.ts'
import { PlainLine } from '../users/plain-line.ts'

/** What a campaign says once for all its rows. */
export const CampaignBody = z
  .strictObject({
    name: PlainLine.max(100),
    ...rowDefaults,
    metadata: Metadata.optional(),
    template: Template.optional(),
  })
  .superRefine((body, ctx) => {
    for (const { field, message } of faultsOfTimes(body)) ctx.addIssue({ code: 'custom', path: [field], message })
  })

/** As it is kept: what its user wrote, once it has been judged. Nobody's campaign goes before what people send by hand. */
export function settingsOf(body: unknown): string {
  const { metadata, template } = Kept.parse(body)
  return JSON.stringify({ priority: 'bulk', ...defaultsIn(body), metadata, template })
}

const Kept = z.object({ metadata: z.unknown().optional(), template: z.unknown().optional() })

const Settings = z.object({ template: Template.optional() }).loose()

/** As its user wrote it, and what was filled in. */
export function shownSettings(settings: string) {
  return Shown.parse(JSON.parse(settings))
}

const Shown = z.record(z.string(), z.unknown())

/** What its rows are read with. */
export function readSettings(settings: string) {
  const { template, ...defaults } = Settings.parse(JSON.parse(settings))
  return { template, defaults }
}
