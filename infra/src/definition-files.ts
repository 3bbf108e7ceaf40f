import { buildDashboard } from '../dashboards/build-dashboard.ts'
import { DASHBOARDS } from '../dashboards/index.ts'
import { manifestOf } from './manifest.ts'
import { referencePage } from './reference-page.ts'
import { crds } from './schema/crds.ts'

/** Files of the repository that are made from the specifications, with their content, by path from its root. */
export function definitionFiles(): ReadonlyMap<string, string> {
  const definitions = crds()
  return new Map([
    ...definitions.map((each): [string, string] => [
      `charts/whatsapp-sender/crds/${each.metadata.name}.yaml`,
      manifestOf([each]),
    ]),
    ['docs/custom-resources.md', referencePage(definitions)],
    ...DASHBOARDS.map((plan): [string, string] => [
      `infra/dashboards/json/${plan.name}.json`,
      `${JSON.stringify(buildDashboard(plan), null, 2)}\n`,
    ]),
  ])
}
