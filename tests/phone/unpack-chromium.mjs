// Unpacks the browser of the npm package below the directory that is given. A process of its own, for the package
// unpacks into the directory for temporary files, and only a fresh process has that elsewhere.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [directory] = process.argv.slice(2)
process.env['TMPDIR'] = directory
const entry = createRequire(join(directory, 'package.json')).resolve('@sparticuz/chromium')
const { inflate } = await import(pathToFileURL(entry).href)
const archives = ['chromium.br', 'fonts.tar.br', 'al2023.tar.br']
await Promise.all(archives.map((name) => inflate(join(dirname(entry), '..', 'bin', name))))
// The package's own file names only directories of the machine that it was made for. A renderer without a font crashes.
writeFileSync(
  join(directory, 'fonts', 'fonts.conf'),
  `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`,
)
