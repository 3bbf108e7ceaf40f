import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const PORTS_FILE = 'ports.json'
const portsSchema = z.record(z.string(), z.int().min(1).max(65_535))

/** Ports of the last start, by name: whoever wrote down an address finds the same data there again. */
export async function readKeptPorts(directory: string): Promise<Readonly<Record<string, number | undefined>>> {
  try {
    return portsSchema.parse(JSON.parse(await readFile(join(directory, PORTS_FILE), 'utf8')))
  } catch {
    return {}
  }
}

export function keepPorts(directory: string, ports: Readonly<Record<string, number>>): Promise<void> {
  return writeFile(join(directory, PORTS_FILE), JSON.stringify(ports))
}
