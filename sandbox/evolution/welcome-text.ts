import type { SandboxSettings } from './sandbox-env.ts'

/** What the terminal shows once the sandbox listens. A key of the user's own is not printed: logs are kept. */
export function welcomeText(url: string, { options, keyIsGiven }: SandboxSettings): string {
  const key = keyIsGiven ? '$AUTHENTICATION_API_KEY' : options.apiKey
  const shown = keyIsGiven ? 'the one you gave' : options.apiKey
  return [
    '',
    `  Phone  ${url}/phone`,
    `  API    ${url}, with the header "apikey": ${shown}`,
    '',
    '  A first instance, and a message:',
    '',
    `    curl ${url}/instance/create -H "apikey: ${key}" -H 'content-type: application/json' \\`,
    `      -d '{"instanceName": "mine", "integration": "WHATSAPP-BAILEYS", "qrcode": true}'`,
    `    curl ${url}/message/sendText/mine -H "apikey: ${key}" -H 'content-type: application/json' \\`,
    `      -d '{"number": "5511999991000", "text": "Hello"}'`,
    '',
    options.autoOpen ? '  Instances connect at once.' : '  Press "Scan" on the phone page in between.',
    '  Ctrl-C ends it.',
    '',
  ].join('\n')
}
