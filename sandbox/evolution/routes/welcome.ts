import type { Routes } from '../http/router.ts'

/** `GET /`. The real server asks WhatsApp's site for `whatsappWebVersion` each time; this is a recorded one. */
export function welcomeRoute(serverUrl: () => string): Routes {
  return {
    'GET /': {
      kind: 'server',
      handle: () => ({
        status: 200,
        body: {
          status: 200,
          message: 'Welcome to the Evolution API, it is working!',
          version: '2.3.6',
          clientName: 'evolution',
          manager: `${serverUrl()}/manager`,
          documentation: 'https://doc.evolution-api.com',
          whatsappWebVersion: '2.3000.1027934701',
        },
      }),
    },
  }
}
