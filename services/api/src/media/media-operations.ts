import { z } from 'zod'
import { pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import { ONCE_HEADERS, ONCE_PROBLEMS } from '../openapi/once.ts'
import type { Operations } from '../openapi/operation.ts'
import { ListMediaQuery } from './list-media.route.ts'
import { MEDIA_KINDS } from './media-kinds.ts'
import { MediaParams } from './media-params.ts'
import { UploadQuery } from './upload-media.route.ts'

const StoredFile = z
  .object({
    id: z.uuid(),
    type: z.string().describe('As its bytes say.'),
    size: z.int(),
    sha256: z.string(),
    fileName: z.string(),
    kinds: z.array(z.enum(MEDIA_KINDS)).describe('What it can be sent as.'),
    createdAt: Time,
    expiresAt: Time,
    links: z.object({ self: z.string(), content: z.string() }),
  })
  .meta({ id: 'StoredFile' })

const id = '019a7c5e-2b1d-7e30-8f4a-6c2d4e8f0a1b'

const exampleOfFile = {
  id,
  type: 'image/png',
  size: 48_213,
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  fileName: 'coffee.png',
  kinds: ['image', 'sticker', 'document'],
  createdAt: EXAMPLE.time,
  expiresAt: '2026-02-07T12:00:00.101Z',
  links: { self: `/v1/media/${id}`, content: `/v1/media/${id}/content` },
}

const Upload = z.object({ file: z.string().meta({ override: { format: 'binary' } }) })

export const mediaOperations = {
  '/v1/media': {
    get: {
      id: 'listMedia',
      summary: 'List your files',
      description: 'Newest first.',
      caller: 'messages:read',
      query: ListMediaQuery,
      answers: {
        200: { description: 'A page.', schema: pageOf(StoredFile), example: { data: [exampleOfFile], next: null } },
      },
    },
    post: {
      id: 'uploadMedia',
      summary: 'Upload a file for messages',
      description: 'One part, `file`. `kind` says what it is for, so that it is refused now if it is not fit.',
      caller: 'messages:send',
      perInstance: true,
      query: UploadQuery,
      headers: [...ONCE_HEADERS],
      body: { type: 'multipart/form-data', schema: Upload, examples: { file: { file: 'the bytes' } } },
      answers: {
        201: {
          description: 'The file.',
          schema: StoredFile,
          example: exampleOfFile,
          headers: ['Location', 'Idempotent-Replayed'],
        },
      },
      problems: ['media-limit', 'overloaded', ...ONCE_PROBLEMS],
    },
  },
  '/v1/media/:id': {
    get: {
      id: 'readMedia',
      summary: 'Read what a file is',
      caller: 'messages:read',
      params: MediaParams,
      exampleOf: { id },
      answers: { 200: { description: 'The file.', schema: StoredFile, example: exampleOfFile } },
      problems: ['media-not-found'],
    },
    delete: {
      id: 'removeMedia',
      summary: 'Remove a file',
      caller: 'messages:send',
      params: MediaParams,
      exampleOf: { id },
      answers: { 204: { description: 'It is gone.' } },
      problems: ['media-not-found'],
    },
  },
  '/v1/media/:id/content': {
    get: {
      id: 'readMediaContent',
      summary: 'Read the bytes of a file',
      description: 'As an attachment, of the type that they are.',
      caller: 'messages:read',
      params: MediaParams,
      exampleOf: { id },
      answers: { 200: { description: 'The bytes.', otherTypes: { '*/*': '' } } },
      problems: ['media-not-found', 'overloaded'],
    },
  },
} as const satisfies Operations
