/** As `T`, and what is left out is left out and not undefined. */
type Exact<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** What a schema has parsed, as the API's own types want it. Throws for a property that is undefined: none is. */
export function exact<T extends object>(value: T): Exact<T> {
  if (!isExact(value)) throw new TypeError('A property is undefined')
  return value
}

function isExact<T extends object>(value: T): value is T & Exact<T> {
  return Object.values(value).every((part) => part !== undefined)
}
