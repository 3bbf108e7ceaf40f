import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const Line = z.looseObject({
  user: z.looseObject({ username: z.string() }),
  verb: z.string(),
  requestReceivedTimestamp: z.string(),
  objectRef: z.looseObject({ resource: z.string(), subresource: z.string().optional() }).optional(),
})

/** One request that the API server has answered. */
export type Request = Readonly<{ user: string; verb: string; resource: string; at: Date }>

/** Written by the API server itself: what `ServiceAccounts` of one namespace asked of it, without what they sent. */
export function auditPolicy(namespace: string, accounts: readonly string[]): object {
  const users = accounts.map((account) => `system:serviceaccount:${namespace}:${account}`)
  const rules = [{ level: 'Metadata', users }, { level: 'None' }]
  return { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived', 'ResponseStarted'], rules }
}

export async function readAuditLog(file: string): Promise<readonly Request[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const { user, verb, objectRef, requestReceivedTimestamp } = Line.parse(JSON.parse(line))
    const parts = [objectRef?.resource ?? 'none', ...(objectRef?.subresource ? [objectRef.subresource] : [])]
    return { user: user.username, verb, resource: parts.join('/'), at: new Date(requestReceivedTimestamp) }
  })
}

const READING = new Set(['get', 'list', 'watch'])

/** Leases are not among them: they are renewed for as long as somebody leads. */
export function writesOf(requests: readonly Request[]): readonly Request[] {
  return requests.filter(({ verb, resource }) => !READING.has(verb) && resource !== 'leases')
}
