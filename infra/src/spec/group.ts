/** The API group and version of the custom resources. */
export const GROUP = 'whatsappsender.io'
export const VERSION = 'v1alpha1'
export const API_VERSION = `${GROUP}/${VERSION}`
