import { quotedPart, type SendRoute } from './send-route.ts'

/** Evolution wants both names, and takes empty ones. */
export const sendLocation: SendRoute<'location'> = {
  name: 'sendLocation',
  answers: 'send',
  bodyOf: ({ latitude, longitude, name = '', address = '' }, target) => ({
    number: target.number,
    latitude,
    longitude,
    name,
    address,
    ...quotedPart(target),
  }),
}
