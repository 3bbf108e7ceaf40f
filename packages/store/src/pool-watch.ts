import type { mongo } from 'mongoose'

/** Connections to the database. `busy`: of the open ones, those in use; `waiting`: operations that have none yet. */
export type PoolState = Readonly<{ open: number; busy: number; waiting: number }>

/** Counts what the driver tells of its pools, of all servers together. */
export function watchPool(client: Pick<mongo.MongoClient, 'on'>): () => PoolState {
  let [open, busy, waiting] = [0, 0, 0]
  client.on('connectionCreated', () => {
    open += 1
  })
  client.on('connectionClosed', () => {
    open -= 1
  })
  client.on('connectionCheckOutStarted', () => {
    waiting += 1
  })
  client.on('connectionCheckedOut', () => {
    waiting -= 1
    busy += 1
  })
  client.on('connectionCheckOutFailed', () => {
    waiting -= 1
  })
  client.on('connectionCheckedIn', () => {
    busy -= 1
  })
  return () => ({ open, busy, waiting })
}
