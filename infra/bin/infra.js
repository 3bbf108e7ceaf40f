#!/usr/bin/env node
// Plain JavaScript that old versions understand too, to tell them what is missing.
const [major, minor] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 19)) {
  await import('../src/cli.ts')
} else {
  console.error(`infra needs Node.js 22.19 or later; this is ${process.version}. \`npx infra\` brings it.`)
  process.exitCode = 1
}
