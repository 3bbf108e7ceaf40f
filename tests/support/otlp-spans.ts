/** Reads what OTLP posts as protobuf: https://github.com/open-telemetry/opentelemetry-proto, trace/v1/trace.proto. */

/** One exported span. */
export type ExportedSpan = Readonly<{
  service: string
  traceId: string
  spanId: string
  /** Empty: it has none. */
  parentSpanId: string
  name: string
  /** As the enumeration counts: 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number
  /** ms since the epoch. */
  startedAt: number
  endedAt: number
  attributes: Readonly<Record<string, string | number | boolean>>
  /** Ids of the traces and spans that it is linked to. */
  links: readonly Readonly<{ traceId: string; spanId: string }>[]
  error: string | undefined
}>

/** The spans of an ExportTraceServiceRequest. */
export function spansOf(request: Buffer): ExportedSpan[] {
  return fieldsOf(request)
    .messages(1)
    .flatMap((ofResource) => {
      const resource = fieldsOf(ofResource)
      const [about] = resource.messages(1)
      const service = about === undefined ? '' : String(attributesOf(fieldsOf(about), 1)['service.name'])
      return resource
        .messages(2)
        .flatMap((ofScope) => fieldsOf(ofScope).messages(2))
        .map((span) => spanOf(fieldsOf(span), service))
    })
}

function spanOf(fields: Fields, service: string): ExportedSpan {
  const [status] = fields.messages(15)
  const { code, message } = statusOf(status)
  return {
    service,
    traceId: fields.hex(1),
    spanId: fields.hex(2),
    parentSpanId: fields.hex(4),
    name: fields.text(5),
    kind: Number(fields.number(6) ?? 0n),
    startedAt: Number((fields.number(7) ?? 0n) / 1_000_000n),
    endedAt: Number((fields.number(8) ?? 0n) / 1_000_000n),
    attributes: attributesOf(fields, 9),
    links: fields.messages(13).map((link) => ({ traceId: fieldsOf(link).hex(1), spanId: fieldsOf(link).hex(2) })),
    error: code === 2n ? message : undefined,
  }
}

function statusOf(status: Buffer | undefined): Readonly<{ code: bigint; message: string }> {
  if (status === undefined) return { code: 0n, message: '' }
  return { code: fieldsOf(status).number(3) ?? 0n, message: fieldsOf(status).text(2) }
}

function attributesOf(fields: Fields, field: number): Record<string, string | number | boolean> {
  return Object.fromEntries(
    fields.messages(field).map((pair) => {
      const [value] = fieldsOf(pair).messages(2)
      return [fieldsOf(pair).text(1), value === undefined ? '' : contentOf(fieldsOf(value))] as const
    }),
  )
}

function contentOf(value: Fields): string | number | boolean {
  const whole = value.number(3)
  if (whole !== undefined) return Number(BigInt.asIntN(64, whole))
  const isTrue = value.number(2)
  if (isTrue !== undefined) return isTrue === 1n
  const double = value.number(4)
  if (double === undefined) return value.text(1)
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(double)
  return bytes.readDoubleLE()
}

type Fields = ReturnType<typeof fieldsOf>

/** A protobuf message, by the numbers of its fields. */
function fieldsOf(message: Buffer) {
  const bytes = new Map<number, Buffer[]>()
  const numbers = new Map<number, bigint>()
  for (let at = 0; at < message.length; ) {
    const key = varint(message, at)
    const field = Number(key.value >> 3n)
    at = key.end
    switch (Number(key.value & 7n)) {
      case 0: {
        const { value, end } = varint(message, at)
        numbers.set(field, value)
        at = end
        break
      }
      case 1:
        numbers.set(field, message.readBigUInt64LE(at))
        at += 8
        break
      case 2: {
        const { value, end } = varint(message, at)
        at = end + Number(value)
        bytes.set(field, [...(bytes.get(field) ?? []), message.subarray(end, at)])
        break
      }
      case 5:
        numbers.set(field, BigInt(message.readUInt32LE(at)))
        at += 4
        break
      default:
        throw new Error('this is no protobuf')
    }
  }
  const last = (field: number) => bytes.get(field)?.at(-1)
  return {
    messages: (field: number): readonly Buffer[] => bytes.get(field) ?? [],
    number: (field: number) => numbers.get(field),
    hex: (field: number) => last(field)?.toString('hex') ?? '',
    text: (field: number) => last(field)?.toString('utf8') ?? '',
  }
}

function varint(bytes: Buffer, from: number): Readonly<{ value: bigint; end: number }> {
  let value = 0n
  for (let at = from, shift = 0n; ; at++, shift += 7n) {
    const byte = bytes[at]
    if (byte === undefined) throw new Error('this is no protobuf')
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return { value, end: at + 1 }
  }
}
