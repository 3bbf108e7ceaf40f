/** What the real server stands on and a test may take away: its database, and the way to WhatsApp's hosts. */
export type Surroundings = {
  databaseIsDown: boolean
  /** `black-hole`: connections are begun and never completed. */
  whatsApp: 'answers' | 'refused' | 'black-hole'
}

export function createSurroundings(): Surroundings {
  return { databaseIsDown: false, whatsApp: 'answers' }
}
