export { checkAddress } from './check-address.ts'
export { createOutgoingHttp, type OutgoingAnswer, type OutgoingHttp } from './outgoing-http.ts'
export { createResolve } from './resolve.ts'
