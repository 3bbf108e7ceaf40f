import type { FormBody } from '../http/request-body.ts'
import type { JsonObject } from '../json.ts'

export type UploadedFile = Readonly<{ fileName: string; mimetype: string; bytes: Buffer }>

export type Form = Readonly<{ fields: JsonObject; file: UploadedFile | undefined }> | 'broken'

/**
 * The fields and the `file` of a `multipart/form-data` body. Every field is a string,
 * so a number in a form fails the schema, as it does on the real server.
 */
export async function readForm(body: FormBody): Promise<Form> {
  const response = new Response(body.bytes, { headers: { 'content-type': body.contentType } })
  // oxlint-disable-next-line typescript/no-deprecated -- it reads all into memory, where this body is already
  const form = await response.formData().catch(() => undefined)
  if (form === undefined) return 'broken'
  const fields: Record<string, string> = {}
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value
  }
  const file = form.get('file')
  if (file === null || typeof file === 'string') return { fields, file: undefined }
  const content = Buffer.from(await file.arrayBuffer())
  return { fields, file: { fileName: file.name, mimetype: file.type || 'application/octet-stream', bytes: content } }
}
