// Loaded before a program by --import. Shifts what this process takes for the time of day, and leaves performance.now()
// and timers alone: a machine whose clock is wrong still counts seconds correctly. Tools that shift both, as libfaketime
// does by default, would hide code that measures a wait by the wall clock.
const offsetMs = Number(process.env['FAULT_CLOCK_OFFSET_MS'] ?? '0')
const trueNow = Date.now.bind(Date)
const now = (): number => trueNow() + offsetMs

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
})
