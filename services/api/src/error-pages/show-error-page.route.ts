import type { RequestHandler } from 'express'
import { PROBLEMS, type ProblemCode, ProblemError } from '../http/problem.ts'

const DAY_SECONDS = 86_400

/** For whoever opens the `type` of an answer in a browser: it needs no login, and holds nothing of any user. */
export function showErrorPageRoute(o: { readPage(code: ProblemCode): Promise<string> }): RequestHandler {
  return async (req, res) => {
    const { code } = req.params
    if (!isCode(code)) throw new ProblemError('not-found', 'There is no error of this code.')
    const page = await o.readPage(code)
    res.setHeader('Cache-Control', `public, max-age=${DAY_SECONDS}`)
    res.type('text/markdown; charset=utf-8').send(page)
  }
}

/** One of ours, so that it names no other file. */
function isCode(text: unknown): text is ProblemCode {
  return typeof text === 'string' && Object.hasOwn(PROBLEMS, text)
}
