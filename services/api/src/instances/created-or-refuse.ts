import type { Instance } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'
import type { AdoptInstanceResult } from './adopt-instance.ts'
import type { CreateInstanceResult } from './create-instance.ts'
import { evolutionProblem } from './evolution-problem.ts'

/** @throws {ProblemError} for every result but `created` */
export function createdOrRefuse(result: CreateInstanceResult | AdoptInstanceResult): Instance {
  switch (result.kind) {
    case 'created':
      return result.instance
    case 'name-taken':
      throw new ProblemError('instance-name-taken', 'There is an instance of this name already.')
    case 'under-way':
      throw new ProblemError('unavailable', 'An instance of this name is being made or removed now.', {
        retryAfterSeconds: 5,
      })
    case 'not-found':
      throw new ProblemError('instance-not-found', 'Evolution API has no instance of this name.')
    case 'foreign-webhook':
      throw new ProblemError(
        'foreign-webhook',
        `Its events go to ${result.host}. Send "replaceWebhook": true to have them come here.`,
        { members: { host: result.host } },
      )
    case 'token-hidden':
      throw new ProblemError('evolution-failed', 'Evolution API does not tell the token of the instance.')
    case 'evolution-failed':
      throw evolutionProblem(result.failure)
  }
}
