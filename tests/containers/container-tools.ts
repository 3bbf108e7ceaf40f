import { runTool } from '@whatsapp-sender/sandbox/embedded/run-tool'
import { findOnPath } from '@whatsapp-sender/sandbox/process/running-process'

const TOOLS = ['buildah', 'crun', 'debootstrap', 'unshare', 'npm']

/** Why images cannot be built and run here, or undefined when they can. */
export function whyNoContainers(): string | undefined {
  if (process.platform !== 'linux') return 'images are built and run on Linux only'
  if (process.getuid?.() !== 0) return 'only root can build and run images without a container engine'
  const missing = TOOLS.filter((tool) => findOnPath(tool, process.env['PATH'] ?? '') === undefined)
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`
}

/** Runs a tool to its end and answers what it printed. */
export async function runOrThrow(file: string, args: readonly string[], timeoutMs = 600_000): Promise<string> {
  const { succeeded, output } = await runTool(file, args, { timeoutMs })
  if (!succeeded) throw new Error(`${file} ${args.join(' ')}\n${output.split('\n').slice(-30).join('\n')}`)
  return output
}
