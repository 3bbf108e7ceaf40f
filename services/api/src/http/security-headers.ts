import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet, { type HelmetOptions } from 'helmet'

/** Answers are data: a browser that shows one as a page must load and run nothing. What only pages need is left out. */
const OPTIONS: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: { action: 'deny' },
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
}

/** What helmet sets, asked once: it is the same for every answer, and asking costs a twentieth of an accept. */
export function securityHeaders(): readonly (readonly [name: string, value: string])[] {
  const sample = new ServerResponse(new IncomingMessage(new Socket()))
  helmet(OPTIONS)(sample.req, sample, () => {})
  return Object.entries(sample.getHeaders()).map(([name, value]) => [name, String(value)])
}
