import { quotedPart, type SendRoute } from './send-route.ts'

/** Evolution wants a footer, and takes an empty one. */
export const sendList: SendRoute<'list'> = {
  name: 'sendList',
  answers: 'send',
  bodyOf: ({ title, description, footer = '', buttonText, sections }, target) => ({
    number: target.number,
    title,
    ...(description !== undefined && { description }),
    footerText: footer,
    buttonText,
    sections: sections.map((section) => ({
      title: section.title,
      rows: section.rows.map(({ id, ...row }) => ({ ...row, rowId: id })),
    })),
    ...quotedPart(target),
  }),
}
