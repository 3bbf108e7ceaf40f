import type { Answer } from '../http/answer.ts'
import type { Routes } from '../http/router.ts'
import type { Surroundings } from '../surroundings.ts'
import { silence, wait } from '../wait.ts'

/** Two hosts are asked for the version, half a second each when they refuse. */
const REFUSED_MS = 1_000

/** `GET /`. The real server asks WhatsApp's site for `whatsappWebVersion` each time; this is a recorded one. */
export function welcomeRoute(o: { serverUrl(): string; surroundings: Surroundings; timeScale: number }): Routes {
  return {
    'GET /': {
      kind: 'server',
      async handle(): Promise<Answer> {
        if (o.surroundings.whatsApp === 'black-hole') return silence()
        if (o.surroundings.whatsApp === 'refused') await wait(REFUSED_MS * o.timeScale)
        return {
          status: 200,
          body: {
            status: 200,
            message: 'Welcome to the Evolution API, it is working!',
            version: '2.3.6',
            clientName: 'evolution',
            manager: `${o.serverUrl()}/manager`,
            documentation: 'https://doc.evolution-api.com',
            whatsappWebVersion: '2.3000.1027934701',
          },
        }
      },
    },
  }
}
