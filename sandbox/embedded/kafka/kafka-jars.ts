import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { InstallError } from '../install-error.ts'
import { runTool } from '../run-tool.ts'
import { sha256Of } from '../sha256.ts'
import { javaEnvironment, WAYS_TO_KAFKA } from './java.ts'

export const KAFKA_VERSION = '4.4.0'
const FETCH_TIMEOUT_MS = 600_000

const POM = fileURLToPath(new URL('pom.xml', import.meta.url))
const JAR_LIST = fileURLToPath(new URL(`kafka-${KAFKA_VERSION}-jars.json`, import.meta.url))
const jarListSchema = z.array(z.object({ path: z.string(), size: z.int(), sha256: z.string() }))

/**
 * The broker's jars in `directory`, fetched by Maven when they are not there, each with the sum of the list.
 * @throws {InstallError}
 */
export async function installKafkaJars(
  directory: string,
  o: { env: NodeJS.ProcessEnv; signal: AbortSignal | undefined },
): Promise<readonly string[]> {
  const jars = jarListSchema.parse(JSON.parse(await readFile(JAR_LIST, 'utf8')))
  const names = jars.map((jar) => basename(jar.path)).sort()
  const files = names.map((name) => join(directory, name))
  const present = new Set(await readdir(directory).catch(() => []))
  if (names.every((name) => present.has(name))) return files

  // Moved into place only when complete: a directory that exists is a directory that was checked.
  const unchecked = `${directory}.${process.pid}`
  await rm(unchecked, { recursive: true, force: true })
  await mkdir(unchecked, { recursive: true })
  try {
    await copyJars(unchecked, o)
    for (const jar of jars) await checkJar(join(unchecked, basename(jar.path)), jar.sha256)
    await rm(directory, { recursive: true, force: true })
    await rename(unchecked, directory)
  } finally {
    await rm(unchecked, { recursive: true, force: true })
  }
  return files
}

async function copyJars(directory: string, { env, signal }: Parameters<typeof installKafkaJars>[1]): Promise<void> {
  const args = ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${directory}`]
  const { found, succeeded, output } = await runTool('mvn', args, {
    env: javaEnvironment(env),
    timeoutMs: FETCH_TIMEOUT_MS,
    signal,
  })
  if (!found) throw new InstallError(`Maven fetches the Kafka broker, and there is no mvn.\n${WAYS_TO_KAFKA}`)
  if (!succeeded) throw new InstallError(`Maven could not fetch the Kafka broker:\n${output}\n${WAYS_TO_KAFKA}`)
}

async function checkJar(file: string, sha256: string): Promise<void> {
  const found = await sha256Of(file).catch(() => 'missing')
  if (found !== sha256) {
    throw new InstallError(`${basename(file)} is not the jar it should be: SHA-256 ${found}, expected ${sha256}`)
  }
}
