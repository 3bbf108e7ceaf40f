/** What the real server stands on and a test may change: its database, the way to WhatsApp's hosts, and its settings. */
export type Surroundings = {
  databaseIsDown: boolean
  /** `black-hole`: connections are begun and never completed. */
  whatsApp: 'answers' | 'refused' | 'black-hole'
  /** `AUTHENTICATION_API_KEY`; another one takes a restart of the real server. */
  globalKey: string
}

export function createSurroundings(globalKey: string): Surroundings {
  return { databaseIsDown: false, whatsApp: 'answers', globalKey }
}
