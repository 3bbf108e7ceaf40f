import { ApiError, dataOf, type Schemas } from '@whatsapp-sender/client'
import { exact } from './exact.ts'
import type { InstanceResource } from './instance-resource.ts'
import type { InstanceStep, InstanceView } from './plan-instance.ts'
import type { SenderApi } from './sender-api.ts'

export type Connection = Schemas['Connection']

/** What the operator asks of an API about one instance, by its name there. */
export type InstanceApi = Readonly<{
  /** With its live state; undefined: there is none. */
  find(name: string): Promise<InstanceView | undefined>
  perform(step: InstanceStep, resource: InstanceResource, key: string | undefined): Promise<void>
  /** Starts the login of a phone; tells the code of the one that is under way. */
  connect(name: string): Promise<Connection>
  logOut(name: string): Promise<void>
  /** At Evolution API too. */
  remove(name: string): Promise<void>
  /** Its owner decides again. */
  release(name: string): Promise<void>
}>

const PATH = '/v1/instances/{name}'

export function createInstanceApi({ call }: Pick<SenderApi, 'call'>): InstanceApi {
  const params = (name: string) => ({ params: { path: { name } } })

  function create({ instanceName: name, spec }: InstanceResource, o: Readonly<{ adopt: boolean; key?: string }>) {
    const { kind, number, replaceWebhook, ownerEmail, evolutionServer, pace, retry, checkNumber } = spec
    const body = {
      name,
      kind,
      adopt: o.adopt,
      replaceWebhook,
      checkNumber,
      ...(number !== undefined && { number }),
      ...(ownerEmail !== undefined && { ownerEmail }),
      ...(evolutionServer !== undefined && { evolutionServer }),
      ...(pace !== undefined && { pace: exact(pace) }),
      ...(retry !== undefined && { retry }),
      ...(o.key !== undefined && { evolutionKey: o.key }),
    }
    return call('create', (client, signal) => dataOf(client.POST('/v1/instances', { body, signal })))
  }

  async function createOrAdopt(resource: InstanceResource, key: string | undefined): Promise<void> {
    const adopted =
      resource.spec.adopt &&
      (await unlessMissing(create(resource, { adopt: true, ...(key !== undefined && { key }) }))) !== undefined
    if (!adopted) await create(resource, { adopt: false })
  }

  return {
    find: (name) =>
      unlessMissing(call('find', (client, signal) => dataOf(client.GET(PATH, { ...params(name), signal })))),
    perform: async (step, resource, key) => {
      const of = params(resource.instanceName)
      switch (step.do) {
        case 'create':
          await createOrAdopt(resource, key)
          return
        case 'take-over':
          await call('take-over', (client, signal) => {
            const body = { managedBy: 'kubernetes' as const }
            return dataOf(client.PUT(`${PATH}/manager`, { ...of, body, signal }))
          })
          return
        case 'give':
          await call('give', (client, signal) => {
            const body = { ownerEmail: step.ownerEmail }
            return dataOf(client.POST(`${PATH}/owner`, { ...of, body, signal }))
          })
          return
        case 'change':
          await call('change', (client, signal) => dataOf(client.PATCH(PATH, { ...of, body: step.change, signal })))
      }
    },
    connect: async (name) => {
      const connection = await call('connect', (client, signal) =>
        dataOf(client.POST(`${PATH}/connect`, { ...params(name), signal })),
      )
      if (typeof connection === 'string') throw new TypeError('The code has come in a form that was not asked for')
      return connection
    },
    logOut: async (name) => {
      await unlessMissing(
        call('log-out', (client, signal) => dataOf(client.POST(`${PATH}/logout`, { ...params(name), signal }))),
      )
    },
    remove: async (name) => {
      await unlessMissing(call('delete', (client, signal) => dataOf(client.DELETE(PATH, { ...params(name), signal }))))
    },
    release: async (name) => {
      const body = { managedBy: null }
      await unlessMissing(
        call('release', (client, signal) => dataOf(client.PUT(`${PATH}/manager`, { ...params(name), body, signal }))),
      )
    },
  }
}

/** Undefined when there is no such instance. */
async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiError && error.code === 'instance-not-found') return undefined
    throw error
  }
}
