import { mongo } from 'mongoose'

const DUPLICATE_KEY = 11_000

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY
}

/**
 * Swallows the failure of an unordered bulk write only when nothing but repeated keys went wrong. A write concern that
 * was not met leaves the list of write errors empty, which alone would read as "all are there".
 */
export function ignoreDuplicateKeys(error: unknown): void {
  if (!(error instanceof mongo.MongoBulkWriteError)) throw error
  if (error.result.getWriteConcernError() !== undefined) throw error
  const writeErrors = [error.writeErrors].flat()
  if (writeErrors.length === 0 || writeErrors.some(({ code }) => code !== DUPLICATE_KEY)) throw error
}
