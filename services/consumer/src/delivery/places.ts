/** So many at once; the rest waits its turn. */
export type Places = Readonly<{
  /** Gives a place, and answers what gives it back; doing so again means nothing. */
  enter(): Promise<() => void>
}>

export function createPlaces(max: number): Places {
  const waiting: (() => void)[] = []
  let taken = 0

  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) taken -= 1
    else next()
  }

  return {
    enter: async () => {
      if (taken < max) taken += 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      let isLeft = false
      return () => {
        if (!isLeft) leave()
        isLeft = true
      }
    },
  }
}
