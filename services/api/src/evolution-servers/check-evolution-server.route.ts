import { randomUUID } from 'node:crypto'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { answerInTime, EVOLUTION_MS } from '../instances/answer-in-time.ts'
import { evolutionProblem } from '../instances/evolution-problem.ts'
import { EvolutionServerParams } from './evolution-server-body.ts'
import { type EvolutionServerView, serverOrRefuse } from './evolution-server-view.ts'

/** Asks the server now: its version, and whether it takes our key. */
export function checkEvolutionServerRoute(o: {
  authenticate: Authenticate
  evolution: Pick<EvolutionServers, 'welcome' | 'fetchInstance' | 'knows'>
  readServers(): Promise<EvolutionServerView[]>
  refresh(): Promise<void>
}): RequestHandler {
  return async (req, res) => {
    await o.authenticate(req, res, 'evolution-servers')
    const { name: server } = parseParams(EvolutionServerParams, req)
    serverOrRefuse(await o.readServers(), server)
    if (!o.evolution.knows(server)) await o.refresh()
    const startedAt = performance.now()
    const endsAt = startedAt + EVOLUTION_MS
    const welcoming = answerInTime(o.evolution.welcome({ server }), endsAt)
    // The start page takes any key; an instance that nobody has is looked up with the right one only.
    const looked = await answerInTime(o.evolution.fetchInstance({ server, name: `check-${randomUUID()}` }), endsAt)
    const latencyMs = Math.round(performance.now() - startedAt)
    if ('failure' in looked) throw evolutionProblem(looked.failure)
    const welcome = await welcoming
    res.json({ name: server, version: 'failure' in welcome ? null : (welcome.version ?? null), latencyMs })
  }
}
