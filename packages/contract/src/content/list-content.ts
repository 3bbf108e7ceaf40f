import { z } from 'zod'
import { Quoting } from './message-reference.ts'
import { areDistinct, ChoiceId, words } from './words.ts'

const Row = z.strictObject({ id: ChoiceId, title: words(24), description: words(72).optional() })

const Section = z.strictObject({ title: words(24), rows: z.array(Row).min(1).max(10) })

/** All limits are those of Meta's API for list messages; longer ones are cut on some phones. */
export const ListContent = z.strictObject({
  title: words(60),
  description: words(1024).optional(),
  footer: words(60).optional(),
  buttonText: words(20),
  sections: z
    .array(Section)
    .min(1)
    .max(10)
    .refine((sections) => rowsOf(sections).length <= 10, 'must have at most 10 rows together')
    .refine((sections) => areDistinct(rowsOf(sections).map(({ id }) => id)), 'must not have two rows of one id'),
  ...Quoting,
})
export type ListContent = Readonly<z.infer<typeof ListContent>>

function rowsOf(sections: readonly z.infer<typeof Section>[]): readonly z.infer<typeof Row>[] {
  return sections.flatMap(({ rows }) => rows)
}
