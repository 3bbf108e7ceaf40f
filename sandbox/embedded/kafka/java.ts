import { join } from 'node:path'
import { InstallError } from '../install-error.ts'
import { runTool } from '../run-tool.ts'

const JAVA_VERSION_MIN = 17

export type Java = Readonly<{ file: string; version: string }>

export const WAYS_TO_KAFKA = [
  'Ways out:',
  `  - install Java ${JAVA_VERSION_MIN} or newer and Maven (Debian: apt install openjdk-17-jre-headless maven; macOS: brew install openjdk maven)`,
  '  - give the address of a running broker: KAFKA_BROKERS=host:9092',
  '  - run it in a container: npm run secrets; docker compose up -d --wait kafka; KAFKA_BROKERS=127.0.0.1:9092',
].join('\n')

/**
 * The machine's Java: JAVA_HOME, then the PATH.
 * @throws {InstallError} when there is none or it is too old
 */
export async function findJava(env: NodeJS.ProcessEnv): Promise<Java> {
  const file = env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', 'java') : 'java'
  const { succeeded, output } = await runTool(file, ['-version'], { timeoutMs: 30_000 })
  if (!succeeded) throw new InstallError(`Kafka needs Java, and ${file} does not run.\n${WAYS_TO_KAFKA}`)
  const version = javaVersionOf(output)
  if (version === undefined || Number.parseInt(version, 10) < JAVA_VERSION_MIN) {
    throw new InstallError(
      `Kafka needs Java ${JAVA_VERSION_MIN} or newer, and ${file} is ${version ?? 'of an unknown version'}.\n${WAYS_TO_KAFKA}`,
    )
  }
  return { file, version }
}

/** Java takes the encoding of file names from the locale, and finds no folder with an accent under the one named C. */
export function javaEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return process.platform === 'linux' ? { ...env, LC_ALL: 'C.UTF-8' } : env
}

/** The version that `java -version` prints, as `17.0.15`; Java 8 calls itself 1.8. */
export function javaVersionOf(output: string): string | undefined {
  return /version "([^"]+)"/.exec(output)?.[1]
}
