import { test } from 'node:test'
import { z } from 'zod'
import { PRESETS } from '../src/presets.ts'
import { rendered } from './support.ts'

const Selecting = z.looseObject({
  selector: z
    .union([z.object({ matchLabels: z.record(z.string(), z.string()) }), z.record(z.string(), z.string())])
    .optional(),
  volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name: z.string() }) })).optional(),
  template: z.object({ spec: z.object({ volumes: z.array(z.object({ name: z.string() })).optional() }) }).optional(),
})

/** What an upgrade cannot change, or what data hang on. */
function lasting(preset: keyof typeof PRESETS): readonly string[] {
  return rendered(PRESETS[preset])
    .map((object) => {
      const name = `${object.apiVersion} ${object.kind} ${object.metadata.name}`
      if (!['Deployment', 'StatefulSet', 'Service'].includes(object.kind)) return name
      const { selector, volumeClaimTemplates = [] } = Selecting.parse(object['spec'])
      const claims = volumeClaimTemplates.map(({ metadata }) => metadata.name)
      return `${name} selects ${JSON.stringify(selector)}${claims.length > 0 ? ` claims ${claims.join(', ')}` : ''}`
    })
    .sort()
}

for (const preset of ['dev', 'prod'] as const) {
  test(`names, selectors and volumes of ${preset} are those of the release before`, (t) => {
    t.assert.snapshot(lasting(preset))
  })
}
