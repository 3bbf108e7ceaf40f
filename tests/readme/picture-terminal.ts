import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

// Renders what a terminal showed as docs/images/terminal.png. With npm start running elsewhere:
//
//   FORCE_COLOR=1 npm start | tee start.txt
//   node tests/readme/picture-terminal.ts chromium start.txt docs/images/terminal.png
//
// Passwords and long commands in start.txt are for whoever takes the picture to shorten first.
const [chromium = 'chromium', input = '', output = ''] = process.argv.slice(2)
const COLUMNS = 98
const LINE_HEIGHT = 21
const PADDING = 22

const COLORS: Readonly<Record<string, string>> = {
  '1': 'font-weight:700',
  '2': 'opacity:.6',
  '32': 'color:#7ee787',
  '36': 'color:#79c0ff',
}

const text = (await readFile(input, 'utf8')).trimEnd()
const lines = text.split('\n').length
const directory = await mkdtemp(join(tmpdir(), 'terminal-'))
try {
  const page = join(directory, 'terminal.html')
  await writeFile(page, pageOf(text))
  const size = `${COLUMNS * 9 + 2 * PADDING + 32},${lines * LINE_HEIGHT + 2 * PADDING + 70}`
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--force-device-scale-factor=2']
  const picture = ['--default-background-color=00000000', `--window-size=${size}`, `--screenshot=${output}`]
  await promisify(execFile)(chromium, [...flags, ...picture, `file://${page}`])
} finally {
  await rm(directory, { recursive: true })
}

function pageOf(shown: string): string {
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 16px; font: 15px/${LINE_HEIGHT}px 'DejaVu Sans Mono', monospace; }
    main { background: #0d1117; color: #e6edf3; border-radius: 10px; border: 1px solid #30363d; }
    header { height: 34px; display: flex; gap: 8px; align-items: center; padding-left: 14px; }
    i { width: 12px; height: 12px; border-radius: 50%; background: #484f58; }
    pre { margin: 0; padding: 6px ${PADDING}px ${PADDING}px; font: inherit; white-space: pre; }
  </style><main><header><i></i><i></i><i></i></header><pre>${colored(shown)}</pre></main>`
}

/** The few escapes that the terminal output uses, each closed where the next one begins. */
function colored(shown: string): string {
  const [plain = '', ...parts] = shown.replaceAll('&', '&amp;').replaceAll('<', '&lt;').split('\u001B[')
  const spans = parts.map((part) => {
    const end = part.indexOf('m')
    const style = COLORS[part.slice(0, end)] ?? ''
    return `<span style="${style}">${part.slice(end + 1)}</span>`
  })
  return plain + spans.join('')
}
