import { glob } from 'node:fs/promises'

const TEST_FILES = [
  'packages/*/{src,tests}/**/*.test.ts',
  'services/*/{src,tests}/**/*.test.ts',
  'sandbox/**/*.test.ts',
  'bench/**/*.test.ts',
  'infra/**/*.test.ts',
  'tests/**/*.test.ts',
]

/** Where the files that take longest are, the longest first: one that began last would run alone. */
const LONGEST_FIRST = [
  'tests/faults/selection',
  'tests/kubernetes/',
  'services/operator/tests/',
  'tests/end-to-end/',
  'tests/interleavings/',
  'tests/start/',
  'services/api/tests/',
  'tests/ingest/',
  'tests/readme/',
  'packages/store/tests/',
  'services/consumer/src/',
  'tests/',
]

/** What whoever changes something does not wait for each time, and why it takes so long. */
const LONG: readonly (readonly [place: RegExp, reason: string])[] = [
  [/^(tests\/kubernetes|services\/operator\/tests)\//, 'a control plane, and waits for its leases'],
  [/^tests\/containers\//, 'images are built'],
  [/^tests\/phone\//, 'a browser'],
  [/^tests\/(end-to-end\/alerts|monitoring\/.*alert)/, 'alerts are pending before they fire'],
  [/^tests\/(end-to-end\/(canary|top|tls|rolling-api)|start\/observe)/, 'systems with more programs than two'],
  [/^tests\/end-to-end\/(logs|traces|cardinality|bulk-operations|campaigns)\./, 'thousands of messages'],
  [/^tests\/end-to-end\/pace\./, 'days, of which each is some seconds'],
  [/^services\/api\/tests\/enumeration\./, 'times are compared, of many logins'],
  [/^services\/api\/tests\/campaign-(uploads|feeding)\./, 'thousands of rows'],
  [
    /^tests\/end-to-end\/(evolution-servers|message-events|sandbox-instances|on-one-system\/instance-held)\./,
    'outages, and their ends',
  ],
]

export type SelectedFiles = Readonly<{
  files: readonly string[]
  /** Those that are left out because they take long. */
  leftOut: number
}>

/** @param wanted parts of paths; without any, all files, or all but those that take long */
export async function selectFiles(wanted: readonly string[], isWhole: boolean): Promise<SelectedFiles> {
  const found: string[] = []
  for await (const file of glob(TEST_FILES, { exclude: (path) => path.includes('node_modules') })) found.push(file)
  const asked = found.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  const files = wanted.length > 0 || isWhole ? asked : asked.filter((file) => !isLong(file))
  return {
    files: files.sort().sort((a, b) => rankOf(a) - rankOf(b)),
    leftOut: asked.length - files.length,
  }
}

function isLong(file: string): boolean {
  return LONG.some(([place]) => place.test(file))
}

function rankOf(file: string): number {
  const rank = LONGEST_FIRST.findIndex((place) => file.startsWith(place))
  return rank === -1 ? LONGEST_FIRST.length : rank
}
