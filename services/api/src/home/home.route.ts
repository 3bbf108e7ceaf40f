import type { RequestHandler } from 'express'

/** What answers here, for whoever opens the address in a browser. */
export function homeRoute(o: { version: string }): RequestHandler {
  return (_req, res) => {
    res.json({
      name: 'WhatsApp Sender',
      version: o.version,
      message: '',
      links: {
        signUp: '/user/signup',
        logIn: '/user/login',
        messages: '/v1/messages',
        instances: '/v1/instances',
      },
    })
  }
}
