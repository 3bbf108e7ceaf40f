import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { runOrThrow } from '../../containers/container-tools.ts'
import { PACK_IMAGE } from './make-images.ts'

/** A program that is linked to nothing has no libraries. */
const COPY = `set -e
  install -D "$PROGRAM" "$ROOT/$PLACE"
  install -d -m 1777 "$ROOT/tmp"
  if ldd "$PROGRAM" > "$ROOT.libraries" 2>/dev/null; then
    grep -o '/[^ ]*' "$ROOT.libraries" | xargs --no-run-if-empty cp --dereference --parents --target-directory="$ROOT"
  fi`

/** A user that no rule against root objects to. */
const USER = '65532:65532'

/** An image of one program of this machine, which is its entry point, and of nothing else; answers the archive. */
export async function makeProgramImage(
  o: Readonly<{
    /** `localhost/keda:2.20.2` */
    image: string
    program: string
    /** Where it lies in the image, from its root on; by default in the root, under its name here. */
    place?: string
    folder: string
  }>,
): Promise<string> {
  const { image, program, place = basename(program), folder } = o
  const work = await mkdtemp(join(tmpdir(), 'whatsapp-sender-program-'))
  try {
    const [root, configFile, archive] = [
      join(work, 'root'),
      join(work, 'config.json'),
      join(folder, `${basename(place)}.tar`),
    ]
    await mkdir(root)
    const env = [`PROGRAM=${program}`, `ROOT=${root}`, `PLACE=${place}`]
    await runOrThrow('env', [...env, 'sh', '-c', COPY])
    const config = { Entrypoint: [`/${place}`], Cmd: [], Env: ['PATH=/'], User: USER, WorkingDir: '/' }
    await writeFile(configFile, JSON.stringify(config))
    await runOrThrow(PACK_IMAGE, [image, root, configFile, archive])
    return archive
  } finally {
    await rm(work, { recursive: true })
  }
}
