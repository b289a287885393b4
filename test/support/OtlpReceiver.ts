/** A receiver of OTLP over HTTP: takes JSON and Protocol Buffers, and keeps what it was told. */
import { Effect } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { gunzipSync } from "node:zlib"
import { eventually } from "./eventually.ts"
import { type Field, fieldsOf } from "./protobuf.ts"

export type Attributes = Readonly<Record<string, unknown>>

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Empty where it begins a trace. */
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly start: bigint
  readonly end: bigint
  readonly attributes: Attributes
  readonly events: ReadonlyArray<string>
  /** 2 is an error. */
  readonly status: number
  readonly resource: Attributes
}

export interface ReceivedLog {
  readonly body: unknown
  readonly traceId: string
  readonly attributes: Attributes
  readonly resource: Attributes
}

const valueOf = (value: any): unknown =>
  value.stringValue ?? value.boolValue ?? value.doubleValue ??
    (value.intValue === undefined ? value.arrayValue?.values?.map(valueOf) : Number(value.intValue))

const attributesOf = (list: ReadonlyArray<{ key: string; value: any }> = []): Attributes =>
  Object.fromEntries(list.map(({ key, value }) => [key, valueOf(value)]))

const spansOfJson = ({ resourceSpans }: any): ReadonlyArray<ReceivedSpan> =>
  resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    scopeSpans.flatMap(({ spans }: any) =>
      spans.map((span: any) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? "",
        name: span.name,
        kind: span.kind,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        attributes: attributesOf(span.attributes),
        events: span.events.map((event: any) => event.name),
        status: span.status.code,
        resource: attributesOf(resource.attributes)
      }))
    )
  )

const logsOfJson = ({ resourceLogs }: any): ReadonlyArray<ReceivedLog> =>
  resourceLogs.flatMap(({ resource, scopeLogs }: any) =>
    scopeLogs.flatMap(({ logRecords }: any) =>
      logRecords.map((log: any) => ({
        body: valueOf(log.body),
        traceId: log.traceId ?? "",
        attributes: attributesOf(log.attributes),
        resource: attributesOf(resource.attributes)
      }))
    )
  )

type Fields = ReadonlyMap<number, ReadonlyArray<Field>>

const parts = (fields: Fields, number: number): ReadonlyArray<Fields> =>
  (fields.get(number) ?? []).map((part) => fieldsOf(part as Uint8Array))
const bytes = (fields: Fields, number: number) => Buffer.from((fields.get(number)?.[0] ?? []) as Uint8Array)
const text = (fields: Fields, number: number) => bytes(fields, number).toString()

const protobufAttributes = (fields: Fields, number: number): Attributes =>
  Object.fromEntries(
    parts(fields, number).map((pair) => {
      const [value] = parts(pair, 2)
      return [text(pair, 1), value!.has(1) ? text(value!, 1) : value!.get(3)?.[0]]
    })
  )

const spansOfProtobuf = (body: Buffer): ReadonlyArray<ReceivedSpan> =>
  parts(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const resource = protobufAttributes(parts(resourceSpans, 1)[0]!, 1)
    return parts(resourceSpans, 2).flatMap((scope) => parts(scope, 2)).map((span) => ({
      traceId: bytes(span, 1).toString("hex"),
      spanId: bytes(span, 2).toString("hex"),
      parentSpanId: bytes(span, 4).toString("hex"),
      name: text(span, 5),
      kind: Number(span.get(6)?.[0] ?? 0),
      start: BigInt(span.get(7)![0] as bigint),
      end: BigInt(span.get(8)![0] as bigint),
      attributes: protobufAttributes(span, 9),
      events: parts(span, 11).map((event) => text(event, 2)),
      status: Number(parts(span, 15)[0]?.get(3)?.[0] ?? 0),
      resource
    }))
  })

/** How it answers, apart from 200 and nothing. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export const startReceiver = Effect.fnUntraced(function*(answer: Answer = (_, response) => response.end()) {
  const spans: Array<ReceivedSpan> = []
  const logs: Array<ReceivedLog> = []
  const metrics: Array<any> = []
  const requests: Array<{ readonly url: string; readonly headers: IncomingMessage["headers"] }> = []
  const take = (url: string, type: string, body: Buffer) => {
    const isJson = type === "application/json"
    if (url.endsWith("/traces")) {
      spans.push(...(isJson ? spansOfJson(JSON.parse(body.toString())) : spansOfProtobuf(body)))
    } else if (isJson && url.endsWith("/logs")) logs.push(...logsOfJson(JSON.parse(body.toString())))
    else if (isJson && url.endsWith("/metrics")) metrics.push(JSON.parse(body.toString()))
  }
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const sent = Buffer.concat(chunks)
      requests.push({ url: request.url!, headers: request.headers })
      take(
        request.url!,
        request.headers["content-type"]!,
        request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent
      )
      answer(request, response)
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => server.close().closeAllConnections())
  )
  const named = (name: string) => spans.filter((span) => span.name === name)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: spans as ReadonlyArray<ReceivedSpan>,
    logs: logs as ReadonlyArray<ReceivedLog>,
    metrics: metrics as ReadonlyArray<any>,
    requests: requests as ReadonlyArray<(typeof requests)[number]>,
    named,
    /** Waits for so many spans of this name. */
    heard: (name: string, count = 1) =>
      Effect.map(eventually(Effect.sync(() => named(name).length >= count)), () => named(name))
  }
})

export type OtlpReceiver = Effect.Success<ReturnType<typeof startReceiver>>

/** Like a trace in a viewer: each span below its parent, by time. */
export const treeOf = (spans: ReadonlyArray<ReceivedSpan>): string => {
  const first = spans.reduce((least, { start }) => start < least ? start : least, spans[0]!.start)
  const micros = (time: bigint) => Number(time - first) / 1_000
  const lines: Array<string> = []
  const show = (parent: string, depth: number): void => {
    const below = spans.filter(({ parentSpanId }) => parentSpanId === parent)
    for (const span of below.toSorted((a, b) => Number(a.start - b.start))) {
      const time = `${micros(span.start)}–${micros(span.end)} µs`
      lines.push(
        `${"  ".repeat(depth)}${span.name} ${time} ${JSON.stringify(span.attributes)} ${span.events.join(", ")}`
      )
      show(span.spanId, depth + 1)
    }
  }
  show("", 0)
  return lines.join("\n")
}
