import type { RequestHandler } from 'express'

/** What answers here, for whoever opens the address in a browser. */
export function homeRoute(o: { version: string }): RequestHandler {
  return (_req, res) => {
    res.json({
      name: 'WhatsApp Sender',
      version: o.version,
      message: '',
      // The licence of Evolution API wants its use told where administrators see it.
      notice: 'This system uses Evolution API (https://github.com/EvolutionAPI/evolution-api) to reach WhatsApp.',
      docs: "README.md and docs/ of this version's sources; the type of a problem leads to a page about it",
      links: {
        openApi: '/openapi.json',
        docs: '/docs',
        signUp: '/user/signup',
        logIn: '/user/login',
        messages: '/v1/messages',
        instances: '/v1/instances',
      },
    })
  }
}
