import { OnAmbiguous } from '@whatsapp-sender/contract'
import type { Profile, User } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody } from '../http/parse.ts'
import { PlainLine } from '../users/plain-line.ts'
import { meView } from './me-view.ts'
import { stillThere } from './still-there.ts'

export const ChangeMeBody = z
  .strictObject({ fullname: PlainLine.max(200).optional(), onAmbiguous: OnAmbiguous.optional() })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    path: ['fullname'],
    message: 'is required unless onAmbiguous is given',
  })

export function changeMeRoute(o: {
  authenticate: Authenticate
  changeProfile(id: string, profile: Profile): Promise<User | undefined>
  forgetKnownUser(user: User): void
}): RequestHandler {
  return async (req, res) => {
    const { id } = await o.authenticate(req, res, 'account')
    const user = stillThere(await o.changeProfile(id, parseBody(ChangeMeBody, req)))
    o.forgetKnownUser(user)
    res.json(meView(user))
  }
}
