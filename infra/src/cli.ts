import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { manifestOf } from './manifest.ts'
import { ruleGroups } from './monitoring/prometheus-rules.ts'
import { InvalidResourceError, parseSender, parseSenderSpec, type WhatsAppSender } from './parse-sender.ts'
import { PRESETS } from './presets.ts'
import { render } from './render.ts'
import { crds } from './schema/crds.ts'

const HELP = `infra: what the operator would apply, without a cluster

  infra render --file values.yaml    objects of the values of the chart, or of a WhatsAppSender
  infra render --preset dev|prod     objects of a preset
  infra crds                         the CustomResourceDefinitions
  infra alerts                       rules for a Prometheus without an operator
  infra alerts --runbooks URL        the same, with links to where docs/runbooks is to be read

  -f, --file FILE        "-" is standard input
  --name NAME            of the WhatsAppSender (wa, unless the file says)
  -n, --namespace NAME   (default, unless the file says)

  infra render -f values.yaml | kubectl diff --server-side --force-conflicts -f -
`

/** What was asked for makes no sense; the message is for whoever typed it. */
class UsageError extends Error {
  override readonly name = 'UsageError'
}

async function answer(args: string[]): Promise<string> {
  const { values, command } = parsed(args)
  if (values.help || command === undefined) return HELP
  if (command === 'crds') return manifestOf(crds())
  if (command === 'alerts') return stringify({ groups: ruleGroups(values.runbooks) }, { lineWidth: 0 })
  if (command === 'render') return manifestOf(render(await senderOf(values)))
  throw new UsageError(`There is no command "${command}".\n\n${HELP}`)
}

function parsed(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        file: { type: 'string', short: 'f' },
        preset: { type: 'string' },
        runbooks: { type: 'string' },
        name: { type: 'string' },
        namespace: { type: 'string', short: 'n' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return { values, command: positionals[0] }
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : 'cannot be read'}\n\n${HELP}`)
  }
}

type Options = Readonly<{ file?: string; preset?: string; name?: string; namespace?: string }>

async function senderOf({ file, preset, name, namespace }: Options): Promise<WhatsAppSender> {
  if ((file === undefined) === (preset === undefined)) throw new UsageError(`--file or --preset is wanted.\n\n${HELP}`)
  const given = file === undefined ? presetOf(preset ?? '') : await senderOfFile(file)
  return { name: name ?? given.name, namespace: namespace ?? given.namespace, spec: given.spec }
}

function presetOf(preset: string): WhatsAppSender {
  if (preset !== 'dev' && preset !== 'prod') throw new UsageError('--preset is dev or prod')
  return { name: 'wa', namespace: 'default', spec: parseSenderSpec(PRESETS[preset]) }
}

const Values = z.looseObject({ sender: z.unknown() })
const Kind = z.looseObject({ kind: z.string() })

/** A WhatsAppSender, or the values of the chart, of which `sender` is its specification. */
async function senderOfFile(file: string): Promise<WhatsAppSender> {
  const content = parsedYaml(file, await contentOf(file))
  if (Kind.safeParse(content).success) return parseSender(content)
  const values = Values.safeParse(content)
  if (!values.success) throw new UsageError(`${file} is neither a WhatsAppSender nor the values of the chart`)
  return { name: 'wa', namespace: 'default', spec: parseSenderSpec(values.data.sender) }
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
  } catch {
    throw new UsageError(`${file} cannot be read`)
  }
}

function parsedYaml(file: string, content: string): unknown {
  try {
    return parse(content)
  } catch (error) {
    throw new UsageError(`${file} is no YAML: ${error instanceof Error ? error.message : ''}`)
  }
}

try {
  process.stdout.write(await answer(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof InvalidResourceError)) throw error
  console.error(error.message)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
