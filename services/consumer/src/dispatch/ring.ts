/** First in, first out, at the same cost however long it is. */
export type Ring<Item> = Readonly<{ push(item: Item): void; shift(): Item | undefined }>

const COMPACT_AT = 1024

export function createRing<Item>(): Ring<Item> {
  let items: (Item | undefined)[] = []
  let head = 0
  return {
    push: (item) => void items.push(item),
    shift: () => {
      const item = items[head]
      if (item === undefined) return undefined
      items[head] = undefined
      head += 1
      if (head >= COMPACT_AT && head * 2 >= items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
  }
}
