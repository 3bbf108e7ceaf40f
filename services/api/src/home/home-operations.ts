import { z } from 'zod'
import type { Operations } from '../openapi/operation.ts'

const Home = z.object({
  name: z.string(),
  version: z.string(),
  message: z.string(),
  notice: z.string(),
  docs: z.string(),
  links: z.record(z.string(), z.string()),
})

export const homeOperations = {
  '/': {
    get: {
      id: 'readHome',
      summary: 'What this is',
      caller: 'anybody',
      answers: {
        200: {
          description: 'Name, version, links.',
          schema: Home,
          example: {
            name: 'WhatsApp Sender',
            version: '0.1.0',
            message: '',
            notice: 'This system uses Evolution API to reach WhatsApp.',
            docs: '/docs',
            links: { logIn: '/user/login', messages: '/v1/messages' },
          },
        },
      },
    },
  },
} as const satisfies Operations
