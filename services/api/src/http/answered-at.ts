import type { ServerResponse } from 'node:http'

const begun = new WeakMap<ServerResponse, number>()

/** Of a stream: with its headers it has answered, and how long its client then listens is no time of ours. */
export function noteAnswered(res: ServerResponse): void {
  begun.set(res, performance.now())
}

/** Milliseconds of `performance.now()`. To be asked at the end of an answer: that is when one that is no stream was given. */
export function answeredAt(res: ServerResponse): number {
  return begun.get(res) ?? performance.now()
}
