/** What has to be stopped, the last first. */
export type Teardown = (() => Promise<unknown>)[]
