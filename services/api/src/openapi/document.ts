import { createDocument, type ZodOpenApiPathItemObject } from 'zod-openapi'
import manifest from '../../package.json' with { type: 'json' }
import { createRecipientSchema } from '../messages/recipient.ts'
import { describedAreas } from '../operations.ts'
import { EVENT_HEADERS, EVENT_SCHEMAS, webhookEvents } from '../webhooks/event-catalogue.ts'
import { describeOperation } from './describe-operation.ts'
import { INTRODUCTION, SECURITY_SCHEMES } from './introduction.ts'
import { plainer } from './plainer-schema.ts'
import { createProblemAnswers, Problem } from './problem-answers.ts'
import { REQUEST_HEADERS } from './request-headers.ts'
import { RESPONSE_HEADERS } from './response-headers.ts'

export type OpenApiDocument = ReturnType<typeof createDocument>

/** Everything that the API answers to, as OpenAPI 3.1 says it. */
export function createOpenApiDocument(): OpenApiDocument {
  // How a number without its country is read makes no difference to what may be written.
  const areas = describedAreas(createRecipientSchema('BR'))
  const problems = createProblemAnswers()
  const paths = Object.fromEntries(
    [...areas].flatMap(([tag, operations]) =>
      Object.entries(operations).map(([path, methods]): [string, ZodOpenApiPathItemObject] => [
        path.replaceAll(/:(\w+)/g, '{$1}'),
        Object.fromEntries(
          Object.entries(methods).map(([method, operation]) => [
            method,
            { tags: [tag], ...describeOperation(operation, problems.answer) },
          ]),
        ),
      ]),
    ),
  )
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'WhatsApp Sender',
        version: manifest.version,
        description: INTRODUCTION,
        license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'Where this document came from.' }],
      tags: [...areas.keys(), 'Events'].map((name) => ({ name })),
      paths,
      webhooks: webhookEvents(),
      components: {
        schemas: { Problem, ...EVENT_SCHEMAS },
        securitySchemes: SECURITY_SCHEMES,
        headers: RESPONSE_HEADERS,
        parameters: { ...REQUEST_HEADERS, ...EVENT_HEADERS },
        responses: problems.all(),
      },
    },
    { override: plainer },
  )
}
