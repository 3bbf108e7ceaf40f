import { SANDBOX_SERVER } from '@whatsapp-sender/contract'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { EvolutionServerDirectory } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'
import { inTime } from '../in-time.ts'

/** Where a new instance is made: the server asked for, or the one that is the default now. */
export type ChooseEvolutionServer = (asked: string | undefined) => Promise<string>

const REFRESH_MS = 1000

export function createChooseEvolutionServer(o: {
  servers: Pick<EvolutionServerDirectory, 'list' | 'refresh'>
  knows: EvolutionServers['knows']
}): ChooseEvolutionServer {
  return async (asked) => {
    if (asked === undefined) return o.servers.list().chosen
    // Another replica may have added it a moment ago.
    if (!o.knows(asked)) await inTime(o.servers.refresh(), REFRESH_MS)
    if (o.knows(asked) && asked !== SANDBOX_SERVER) return asked
    const message = 'must be the name of an Evolution server'
    const errors = [{ field: 'evolutionServer', message }]
    throw new ProblemError('invalid-request', `evolutionServer: ${message}`, { errors })
  }
}
