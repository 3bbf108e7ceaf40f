import type { User } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { meView } from './me-view.ts'
import { stillThere } from './still-there.ts'

export function readMeRoute(o: {
  authenticate: Authenticate
  findUser(id: string): Promise<User | undefined>
}): RequestHandler {
  return async (req, res) => {
    const { id } = await o.authenticate(req, res, 'account')
    res.json(meView(stillThere(await o.findUser(id))))
  }
}
