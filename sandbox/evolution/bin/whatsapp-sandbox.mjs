#!/usr/bin/env node
// Plain JavaScript that old versions understand too, to tell them what is missing.
const [major, minor] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 18)) {
  await import('../main.ts')
} else {
  console.error(`whatsapp-sandbox needs Node.js 22.18 or later; this is ${process.version}.`)
  process.exitCode = 1
}
