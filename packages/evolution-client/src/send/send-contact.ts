import { digits, type SendRoute } from './send-route.ts'

/** `wuid` spares Evolution its guess at the number under which WhatsApp knows the person. */
export const sendContact: SendRoute<'contacts'> = {
  name: 'sendContact',
  answers: 'send',
  bodyOf: ({ contacts }, { number }) => ({
    number,
    contact: contacts.map(({ name, phone, ...more }) => ({
      fullName: name,
      wuid: digits(phone),
      phoneNumber: phone,
      ...more,
    })),
  }),
}
