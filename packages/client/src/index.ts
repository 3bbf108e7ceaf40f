/** The REST API as TypeScript sees it. Its types are made from services/api/openapi.json. How to use it: docs/client.md. */
export { ApiError, dataOf, type Problem } from './api-error.ts'
export { createAccountClient } from './create-account-client.ts'
export { type Client, type ClientOptions, createClient } from './create-client.ts'
export { renewing, type Tokens } from './renewing.ts'
export type { Schemas } from './schemas.ts'
