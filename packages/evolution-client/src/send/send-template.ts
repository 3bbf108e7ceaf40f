import type { SendRoute } from './send-route.ts'

export const sendTemplate: SendRoute<'template'> = {
  name: 'sendTemplate',
  answers: 'send',
  bodyOf: ({ name, language, components }, { number }) => ({
    number,
    name,
    language,
    ...(components !== undefined && { components }),
  }),
}
