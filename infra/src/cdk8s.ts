/** The one file that names cdk8s, so that the version of Kubernetes it was made for is changed in one line. */
export { ApiObject, App, Chart } from 'cdk8s'
export { k8s } from 'cdk8s-plus-27'
