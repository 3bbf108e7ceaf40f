import pc from 'picocolors'
import { z } from 'zod'

const LogLine = z.looseObject({
  level: z.string(),
  time: z.string(),
  service: z.string(),
  msg: z.string(),
  err: z.looseObject({ message: z.string(), code: z.union([z.string(), z.number()]).optional() }).optional(),
})

type Paint = (text: string) => string

const PAINTS: Readonly<Record<string, Paint>> = {
  warn: pc.yellow,
  error: pc.red,
  fatal: (text) => pc.bold(pc.red(text)),
  debug: pc.dim,
  trace: pc.dim,
}

const SERVICE_WIDTH = 9
/** A value that is longer is for whoever reads the file. */
const VALUE_LENGTH_MAX = 60

/** A line of a service's log as a person reads it: when, who, what, and the facts. What is no such line stays as it is. */
export function prettyLine(line: string): string {
  const parsed = LogLine.safeParse(jsonOf(line))
  if (!parsed.success) return line
  const { level, time, service, msg, err, ...facts } = parsed.data
  const paint = PAINTS[level] ?? ((text: string) => text)
  const parts = [
    pc.dim(clockOf(time)),
    pc.cyan(service.padEnd(SERVICE_WIDTH)),
    paint(level === 'info' ? msg : `${level}: ${msg}`),
    ...(err === undefined ? [] : [paint(short(err.code === undefined ? err.message : `${err.message} (${err.code})`))]),
    ...Object.entries(facts).map(([name, value]) => pc.dim(`${name}=${short(shown(value))}`)),
  ]
  return parts.join(' ')
}

/** `14:03:07`, by the clock of this machine. */
function clockOf(time: string): string {
  const at = new Date(time)
  return Number.isNaN(at.getTime()) ? time : at.toTimeString().slice(0, 8)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function short(text: string): string {
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
