import { errorAnswer } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import type { Routes } from '../http/router.ts'
import { type EvolutionInstance, isInMemory, noCodeYet } from '../instances.ts'
import { silence, wait } from '../wait.ts'
import { type CreateInstanceParts, createInstance } from './create-instance.ts'
import { fetchInstances } from './fetch-instances.ts'

export type InstanceRouteParts = CreateInstanceParts & Readonly<{ onRemoved(instance: EvolutionInstance): void }>

const CONNECT_MS = 2_000
/** Two hosts are tried, and each refuses after half a second. */
const REFUSED_MS = 1_000
const REMOVAL_MS = 500

export function instanceRoutes(parts: InstanceRouteParts): Routes {
  const { connections, instances } = parts
  return {
    'POST /instance/create': { kind: 'server', handle: (call) => createInstance(parts, call) },
    'GET /instance/fetchinstances': { kind: 'server', handle: (call) => fetchInstances(parts, call) },
    'GET /instance/connectionstate': { kind: 'instance', handle: (_call, instance) => stateAnswer(instance) },
    'GET /instance/connect': {
      kind: 'instance',
      handle: (call, instance) => connect(instance, call.query.has('number')),
    },
    'POST /instance/restart': { kind: 'instance', handle: (_call, instance) => restart(instance) },
    'DELETE /instance/logout': { kind: 'instance', handle: (_call, instance) => logOut(instance) },
    'DELETE /instance/delete': { kind: 'instance', handle: (_call, instance) => remove(instance) },
  }

  async function connect(instance: EvolutionInstance, wantsPairingCode: boolean): Promise<Answer> {
    if (!isInMemory(instance)) return thrownUnderSuccess
    if (instance.connection === 'connecting') return pairingAnswer(instance)
    if (instance.connection === 'open') return stateAnswer(instance)
    const { whatsApp } = parts.surroundings
    if (parts.autoOpen && whatsApp === 'answers') {
      connections.open(instance)
      return stateAnswer(instance)
    }
    if (whatsApp === 'black-hole') return silence()
    const [qrCode] = await Promise.all([
      connections.startPairing(instance, wantsPairingCode),
      wait((CONNECT_MS + (whatsApp === 'refused' ? REFUSED_MS : 0)) * parts.timeScale),
    ])
    return { status: 200, body: qrCode }
  }

  function restart(instance: EvolutionInstance): Answer {
    if (instance.connection === 'connecting') return pairingAnswer(instance)
    if (instance.connection !== 'open') return thrownUnderSuccess
    const answer = stateAnswer(instance)
    if (instance.integration === 'WHATSAPP-BAILEYS') connections.loseSocket(instance)
    return answer
  }

  function logOut(instance: EvolutionInstance): Answer {
    if (instance.connection === 'close') {
      return errorAnswer(400, [`The "${instance.name}" instance is not connected`])
    }
    connections.logOut(instance)
    return { status: 200, body: { status: 'SUCCESS', error: false, response: { message: 'Instance logged out' } } }
  }

  /** The name stays taken for a moment: the real server removes an instance after it has answered. */
  function remove(instance: EvolutionInstance): Answer {
    if (instance.connection === 'gone') return errorAnswer(404, [`The "${instance.name}" instance does not exist`])
    if (instance.connection === 'open' || instance.connection === 'connecting') connections.logOut(instance)
    parts.webhooks.emit(instance, 'instance.delete', { instanceName: instance.name, instanceId: instance.id })
    instance.connection = 'gone'
    setTimeout(() => {
      instances.remove(instance.name)
      parts.onRemoved(instance)
    }, REMOVAL_MS * parts.timeScale).unref()
    return { status: 200, body: { status: 'SUCCESS', error: false, response: { message: 'Instance deleted' } } }
  }
}

const thrownUnderSuccess: Answer = { status: 200, body: { error: true, message: '[object Object]' } }

function pairingAnswer({ qrCode }: EvolutionInstance): Answer {
  return { status: 200, body: qrCode ?? noCodeYet }
}

function stateAnswer(instance: EvolutionInstance): Answer {
  const state = isInMemory(instance) ? instance.connection : undefined
  return { status: 200, body: { instance: { instanceName: instance.name, state } } }
}
