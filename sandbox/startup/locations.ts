import { join, resolve } from 'node:path'
import { repositoryRoot } from '../embedded/repository.ts'

/** Everything that `npm start` writes is below this folder: SANDBOX_DIR, else `.sandbox` of the repository. */
export const stateDirectory: string = resolve(repositoryRoot, process.env['SANDBOX_DIR'] || '.sandbox')

export const locations = {
  environmentFile: join(repositoryRoot, '.env'),
  secretsFile: join(stateDirectory, 'secrets.json'),
  readyFile: join(stateDirectory, 'ready.json'),
  kafka: join(stateDirectory, 'kafka'),
  mongo: join(stateDirectory, 'mongo'),
  evolution: join(stateDirectory, 'evolution'),
  services: join(stateDirectory, 'services'),
  prometheus: join(stateDirectory, 'prometheus'),
  logs: join(stateDirectory, 'logs'),
  evolutionMain: join(repositoryRoot, 'sandbox/evolution/main.ts'),
  apiMain: join(repositoryRoot, 'services/api/src/main.ts'),
  consumerMain: join(repositoryRoot, 'services/consumer/src/main.ts'),
  canaryMain: join(repositoryRoot, 'services/canary/src/main.ts'),
} as const
