import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const OUTPUT_BYTES_MAX = 16_777_216

/**
 * Runs a tool of the machine to its end. `found` is false when there is no such tool; `output` holds both streams.
 */
export async function runTool(
  file: string,
  args: readonly string[],
  o: { timeoutMs: number; signal?: AbortSignal | undefined; env?: NodeJS.ProcessEnv },
): Promise<{ found: boolean; succeeded: boolean; output: string }> {
  try {
    const { stdout, stderr } = await run(file, [...args], {
      timeout: o.timeoutMs,
      signal: o.signal,
      env: o.env,
      maxBuffer: OUTPUT_BYTES_MAX,
    })
    return { found: true, succeeded: true, output: `${stdout}${stderr}` }
  } catch (error) {
    return { found: !isMissing(error), succeeded: false, output: outputOf(error) }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function outputOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const stdout = 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : ''
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : ''
  return `${stdout}${stderr}`.trim() || error.message
}
