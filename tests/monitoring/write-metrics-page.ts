import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { METRICS_PAGE, metricsPage } from './metrics-page.ts'

// `npm run metrics`
await writeFile(join(repositoryRoot, METRICS_PAGE), metricsPage())
