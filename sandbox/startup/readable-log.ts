import { z } from 'zod'

const LogLine = z.object({
  level: z.string(),
  msg: z.string(),
  event: z.string().optional(),
  error: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
})

/** Lines of a service's log as a person reads them: what was said and why, each once. Other lines stay as they are. */
export function readableLog(lines: string): string {
  const read = lines.split('\n').map((line) => `  ${readable(line)}`)
  return [...new Set(read)].join('\n')
}

function readable(line: string): string {
  const parsed = LogLine.safeParse(jsonOf(line))
  if (!parsed.success) return line
  const { level, msg, event, error, err } = parsed.data
  return [`${level}: ${msg}`, event, error, err?.message].filter((part) => part !== undefined).join(': ')
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
