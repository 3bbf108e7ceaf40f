/** Of this repository, its images and its chart: what `package.json` says. */
export const RELEASE = '0.1.0'

/** On a CustomResourceDefinition: the release that it is of. */
export const RELEASE_ANNOTATION = 'whatsappsender.io/release'
