import { stringify } from 'yaml'

/** Objects as one YAML file: the same objects give the same bytes. */
export function manifestOf(objects: readonly object[]): string {
  return objects.map((each) => `---\n${stringify(each, { lineWidth: 0, aliasDuplicateObjects: false })}`).join('')
}
