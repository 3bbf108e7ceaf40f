/** What the API serves: made ahead, for making it takes longer than a request may. */
export const DOCUMENT_FILE = new URL('../../openapi.json', import.meta.url)
