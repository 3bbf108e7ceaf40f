// Runs a TypeScript file with the project's own Node.js, after making sure that the packages of the lockfile are
// installed. Plain JavaScript: this is the one file that the machine's own Node.js, any from 20, has to understand.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const stampFile = join(root, 'node_modules', '.lockfile-sha256')
const runtime = join(root, 'node_modules', '.bin', 'node')

installPackages()
run(process.argv.slice(2))

function installPackages() {
  const lockfileSum = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(runtime) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockfileSum) return

  console.log('Installing packages…')
  const startedAt = performance.now()
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) {
    console.error('The packages could not be installed (npm ci failed, see above).')
    process.exit(status ?? 1)
  }
  if (!existsSync(runtime)) {
    console.error(`There is no Node.js package for ${process.platform}-${process.arch}; on it, use Docker or Linux.`)
    process.exit(1)
  }
  writeFileSync(stampFile, lockfileSum)
  console.log(`Packages installed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}

function run(args) {
  // kafkajs counts a deadline that has passed as a negative time-out, which Node.js corrects and warns of.
  // The channel tells the child when this process is gone, even by SIGKILL.
  const child = spawn(runtime, ['--disable-warning=TimeoutNegativeWarning', ...args], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  child.on('error', (error) => {
    console.error(`Node.js could not be started: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
  passOn(child, 'SIGTERM', 0)
  passOn(child, 'SIGHUP', 0)
  // A terminal sends Ctrl-C to both. Only a child that is still there a moment later may not have heard of it.
  passOn(child, 'SIGINT', process.stdin.isTTY ? 500 : 0)
}

function passOn(child, signal, graceMs) {
  process.on(signal, () => setTimeout(() => child.kill(signal), graceMs))
}
