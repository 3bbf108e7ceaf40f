import { errorAnswer } from './error-bodies.ts'
import type { Answer } from './http/answer.ts'

const TEXT_LENGTH = 12_000

/** What a guard says when it cannot ask the database: some 12 kB, for Prisma quotes the line of code that called it. */
export const databaseDownAtGuard: Answer = errorAnswer(500, [
  prismaText('PrismaClientKnownRequestError', 'findMany', "Can't reach database server at `127.0.0.1:5432`"),
])

/** The same length for a name that is no string. */
export const nameNotText: Answer = errorAnswer(500, [
  prismaText('PrismaClientValidationError', 'findMany', 'Argument `name`: Invalid value provided. Expected String.'),
])

function prismaText(name: string, call: string, reason: string): string {
  const head = `${name}: \nInvalid \`this.prismaRepository.instance.${call}()\` invocation in\n/evolution/dist/main.js:1:1\n\n`
  const tail = `\n\n${reason}`
  const line = '…one line of the server, all of it quoted'
  return head + line.repeat(Math.ceil((TEXT_LENGTH - head.length - tail.length) / line.length)) + tail
}
