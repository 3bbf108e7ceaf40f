/** The one file that names cdk8s, so that the version of Kubernetes it was made for is changed in one line. */
export { ApiObject, App, Chart } from 'cdk8s'
// Its index would load its constructs as well, which are 4 MB of an operator's memory and used by nothing here.
export * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js'
