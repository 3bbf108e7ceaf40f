import type { Command } from '../../process/running-process.ts'
import { type Java, javaEnvironment } from './java.ts'

export type KafkaInstallation = Readonly<{
  java: Java
  jars: readonly string[]
  /** Classes as the JVM keeps them in memory (CDS): a third less time to start. */
  archive: string
}>

/** A small heap, the fast compiler only and the simple collector: a broker for one machine starts in half the time. */
export function kafkaCommand(o: {
  installation: KafkaInstallation
  propertiesFile: string
  env: NodeJS.ProcessEnv
  /** Writes this archive at the end instead of using the one of the installation. */
  writeArchive?: string
}): Command {
  const archive =
    o.writeArchive === undefined
      ? `-XX:SharedArchiveFile=${o.installation.archive}`
      : `-XX:ArchiveClassesAtExit=${o.writeArchive}`
  const args = [
    '-Xmx256m',
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    archive,
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    '-cp',
    o.installation.jars.join(':'),
    'kafka.Kafka',
    o.propertiesFile,
  ]
  return { file: o.installation.java.file, args, env: javaEnvironment(o.env) }
}
