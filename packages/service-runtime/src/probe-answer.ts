import type { Registry } from 'prom-client'

/** `checks` names each dependency: `ok`, or in a few words what is wrong. Nothing secret: the port has no guard. */
export type Readiness = Readonly<{ ready: boolean; checks: Readonly<Record<string, string>> }>

export type ProbeSources = Readonly<{
  registry: Registry
  /** False only when nothing but a restart helps. Dependencies and a stop under way do not count. Default: true. */
  isLive?(): boolean
  readiness(): Readiness | Promise<Readiness>
  isStarted(): boolean
  /** While true the service is not ready, whatever its dependencies say. */
  isStopping?(): boolean
  /** Further documents for machines that watch the service, by path; one that cannot be made now throws. Nothing secret. */
  reports?: Readonly<Record<string, () => Promise<object>>>
}>

export type ProbeAnswer = Readonly<{ status: number; contentType: string; body: string }>

/** What a GET of `path` on the probe port answers. */
export async function answerProbe(sources: ProbeSources, path: string): Promise<ProbeAnswer> {
  switch (path) {
    case '/livez':
      return verdict(sources.isLive?.() ?? true)
    case '/startupz':
      return verdict(sources.isStarted())
    case '/readyz':
      return json(await readinessOf(sources))
    case '/metrics':
      return { status: 200, contentType: sources.registry.contentType, body: await sources.registry.metrics() }
    default:
      return await reportOf(sources.reports ?? {}, path)
  }
}

async function reportOf(reports: NonNullable<ProbeSources['reports']>, path: string): Promise<ProbeAnswer> {
  const report = Object.hasOwn(reports, path) ? reports[path] : undefined
  if (report === undefined) return { status: 404, contentType: JSON_TYPE, body: '{"ok":false}' }
  try {
    return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(await report()) }
  } catch {
    return { status: 503, contentType: JSON_TYPE, body: '{"ok":false}' }
  }
}

const JSON_TYPE = 'application/json'

async function readinessOf({ readiness, isStarted, isStopping }: ProbeSources): Promise<Readiness> {
  if (isStopping?.()) return { ready: false, checks: { service: 'stopping' } }
  if (!isStarted()) return { ready: false, checks: { service: 'starting' } }
  try {
    return await readiness()
  } catch {
    return { ready: false, checks: { service: 'check failed' } }
  }
}

function json(readiness: Readiness): ProbeAnswer {
  return { status: readiness.ready ? 200 : 503, contentType: JSON_TYPE, body: JSON.stringify(readiness) }
}

function verdict(ok: boolean): ProbeAnswer {
  return { status: ok ? 200 : 503, contentType: JSON_TYPE, body: JSON.stringify({ ok }) }
}
