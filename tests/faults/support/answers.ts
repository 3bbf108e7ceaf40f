/** WhatsApp did not answer about this very number: an attempt is used up, and the next message may well get through. */
export const UNANSWERED_LOOK_UP = {
  status: 500,
  body: {
    status: 500,
    error: 'Internal Server Error',
    response: { message: "Cannot read properties of undefined (reading 'find')" },
  },
} as const
