/** What examples of the OpenAPI document have in common, so that those of one operation fit those of the next. */
export const EXAMPLE = {
  time: '2026-01-31T12:00:00.101Z',
  later: '2026-01-31T12:00:01.977Z',
  instance: 'sales',
  number: '+5511999991000',
  message: '0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11',
  batch: '0192f0c1-5b1e-7000-8000-7d1f0c2b9a10',
  operation: '3b8f5c0e-2f6a-4d17-9c41-8e0d7a5b6c12',
  user: '65f0c1d2e3f4a5b6c7d8e9f0',
  webhook: '6d1f0c2b-9a10-4b5e-8f3a-2c4d6e8f0a1b',
  next: 'mkq3x1f9@0199f3a1-5c1e-7d20-9a0e-3c1d0b8a6f11',
} as const
