// Loaded before a program by --import. On SIGUSR2 the event loop stands still: no timer, no answer, no heartbeat. The
// process is not stopped, so that its sockets go on taking what the kernel gets.
const stallMs = Number(process.env['FAULT_STALL_MS'] ?? '0')

process.on('SIGUSR2', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs)
})
