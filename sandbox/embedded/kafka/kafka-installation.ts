import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstallOptions } from '../install-options.ts'
import { cacheDirectory } from '../repository.ts'
import { findJava } from './java.ts'
import type { KafkaInstallation } from './kafka-command.ts'
import { installKafkaJars, KAFKA_VERSION } from './kafka-jars.ts'
import { writeClassArchive } from './write-class-archive.ts'

/**
 * The broker and all it needs, fetched and prepared when it is not there.
 * @throws {InstallError}
 */
export async function installKafka(
  env: NodeJS.ProcessEnv,
  { onInstall, signal }: InstallOptions = {},
): Promise<KafkaInstallation> {
  const java = await findJava(env)
  const directory = join(cacheDirectory, `kafka-${KAFKA_VERSION}`)
  const jarDirectory = join(directory, 'jars')
  // The JVM refuses an archive that another version of it wrote.
  const archive = join(directory, `classes-${java.version}.jsa`)
  if (!existsSync(jarDirectory) || !existsSync(archive)) onInstall?.()

  await mkdir(directory, { recursive: true })
  const jars = await installKafkaJars(jarDirectory, { env, signal })
  const installation = { java, jars, archive }
  if (!existsSync(archive)) {
    const written = `${archive}.${randomUUID()}`
    try {
      await writeClassArchive(installation, { env, archive: written, signal })
      if (existsSync(written)) await rename(written, archive)
    } finally {
      await rm(written, { force: true })
    }
  }
  return installation
}
