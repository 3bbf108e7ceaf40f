import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { isJsonObject } from './json.ts'

/*
 * Writes the package that npm serves into `dist/`, or into the folder it is given. Node.js strips no types below
 * `node_modules`, so they are stripped here. Lines stay where they are, and a stack trace fits the source.
 */

const source = import.meta.dirname
const [target = join(source, 'dist')] = process.argv.slice(2)
const NODE_MIN = '>=22.18'
const UNSHIPPED = /\.test\.ts$|^(build-package|start-for-test|webhook-receiver)\.ts$|^(dist|node_modules|page)\//

await rm(target, { recursive: true, force: true })
const files = (await readdir(source, { recursive: true })).filter((file) => !UNSHIPPED.test(file))
for (const file of files.filter((name) => /\.ts$|^bin\/.*\.mjs$/.test(name))) await writeStripped(file)
await cp(join(source, 'page'), join(target, 'page'), { recursive: true })
await copyReadme()
for (const name of ['LICENSE', 'NOTICE']) await cp(join(source, '../..', name), join(target, name))
await writeManifest()
console.log(target)

/** Without its picture, which is larger than all the rest. */
async function copyReadme(): Promise<void> {
  const text = await readFile(join(source, 'README.md'), 'utf8')
  await writeFile(join(target, 'README.md'), text.replace(/^!\[.*\n\n/m, ''))
}

async function writeStripped(file: string): Promise<void> {
  const text = await readFile(join(source, file), 'utf8')
  const code = file.endsWith('.ts') ? stripTypeScriptTypes(text) : text
  const path = join(target, file.replace(/\.ts$/, '.js'))
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, code.replace(/(from |import\()'(\.[^']*)\.ts'/g, "$1'$2.js'"), { mode: modeOf(file) })
}

function modeOf(file: string): number {
  return file.startsWith('bin/') ? 0o755 : 0o644
}

async function writeManifest(): Promise<void> {
  const manifest: unknown = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'))
  const published = {
    ...(isJsonObject(manifest) ? manifest : {}),
    private: undefined,
    scripts: undefined,
    devDependencies: undefined,
    engines: { node: NODE_MIN },
    exports: { '.': './sandbox.js' },
  }
  await writeFile(join(target, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
}
