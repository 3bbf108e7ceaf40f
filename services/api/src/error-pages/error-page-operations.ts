import { z } from 'zod'
import type { Operations } from '../openapi/operation.ts'

export const errorPageOperations = {
  '/errors/:code': {
    get: {
      id: 'showErrorPage',
      summary: 'Read about an error',
      description: 'What the `type` of a problem leads to: when it is answered, and what to do.',
      caller: 'anybody',
      params: z.object({ code: z.string() }),
      exampleOf: { code: 'overloaded' },
      answers: { 200: { description: 'The page.', otherTypes: { 'text/markdown': '# overloaded' } } },
      problems: ['not-found'],
    },
  },
} as const satisfies Operations
