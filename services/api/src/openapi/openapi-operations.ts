import { z } from 'zod'
import type { Operations } from './operation.ts'

export const openApiOperations = {
  '/openapi.json': {
    get: {
      id: 'readOpenApiDocument',
      summary: 'Read this document',
      caller: 'anybody',
      answers: {
        200: {
          description: 'OpenAPI 3.1.',
          schema: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
          example: { openapi: '3.1.0', info: { title: 'WhatsApp Sender', version: '0.1.0' }, paths: {} },
        },
      },
    },
  },
  '/docs': {
    get: {
      id: 'readDocsPage',
      summary: 'Read this document as a page',
      caller: 'anybody',
      answers: { 200: { description: 'Swagger UI.', otherTypes: { 'text/html': '<!doctype html>' } } },
    },
  },
  '/docs/:file': {
    get: {
      id: 'readDocsFile',
      summary: 'Read a file of the page',
      caller: 'anybody',
      params: z.object({ file: z.string() }),
      exampleOf: { file: 'start.js' },
      answers: {
        200: {
          description: 'The file.',
          otherTypes: { 'text/javascript': 'SwaggerUIBundle()', 'text/css': '.swagger-ui{}', 'image/png': '' },
        },
      },
      problems: ['not-found'],
    },
  },
} as const satisfies Operations
