/** The other end of a client's lines, played by the test: it sees what is asked for and says what it likes. */
import { assert } from "@effect/vitest"
import { Cause, Effect, Layer, Queue } from "effect"
import { TestClock } from "effect/testing"
import {
  LinkClosed,
  OpenFailed,
  type OpenRequest,
  Transport,
  type TransportService
} from "../../src/client/Transport.ts"

type Frame = Readonly<Record<string, unknown>> & { readonly type: string }

export const welcome = {
  type: "welcome",
  session: "s1",
  user: "alice",
  device: "phone",
  server_time: 0,
  heartbeat_ms: 25_000,
  durability: "disk",
  limits: {
    frame_bytes: 65_536,
    text_bytes: 16_384,
    page: 100,
    rate_per_second: 0,
    user_rate_per_second: 0,
    address_rate_per_second: 0,
    connections_per_user: 0,
    connections_per_address: 0,
    connections_per_second: 0,
    outbound_bytes: 1_048_576,
    group_members: 1_024,
    presence_subscriptions: 500
  }
}

export class ScriptedLine {
  readonly request: OpenRequest
  /** Everything that the client said and the test did not take. */
  readonly said: Array<Frame> = []
  readonly toClient: Queue.Queue<string, LinkClosed | Cause.Done>
  /** Whether the client has let go of it. */
  abandoned = false

  constructor(request: OpenRequest, toClient: Queue.Queue<string, LinkClosed | Cause.Done>) {
    this.request = request
    this.toClient = toClient
  }

  say(...frames: ReadonlyArray<object>): void {
    for (const frame of frames) Queue.offerUnsafe(this.toClient, JSON.stringify(frame))
  }

  close(code: number): void {
    Queue.failCauseUnsafe(this.toClient, Cause.fail(new LinkClosed({ code, reason: "" })))
  }

  /** Takes the first frame of this type that the client said. */
  take(type: string): Frame {
    const index = this.said.findIndex((frame) => frame.type === type)
    assert.notStrictEqual(index, -1, `no ${type} among ${JSON.stringify(this.said)}`)
    return this.said.splice(index, 1)[0]!
  }

  accept(message: Frame, seq: number, conversation = "dm:alice:bob"): void {
    this.say({ type: "message_accepted", id: message["id"], conversation, seq, message_id: `m${seq}`, at: seq })
  }
}

export interface ScriptedServer {
  readonly lines: Array<ScriptedLine>
  readonly transport: TransportService
  readonly layer: Layer.Layer<never>
  /** What becomes of the next attempts to open a line: this error, or a line. */
  refuse: OpenFailed | undefined
  readonly last: () => ScriptedLine
}

export const makeScriptedServer = (): ScriptedServer => {
  const lines: Array<ScriptedLine> = []
  const open: TransportService["open"] = Effect.fnUntraced(function*(request) {
    if (server.refuse !== undefined) return yield* server.refuse
    const line = new ScriptedLine(request, yield* Queue.unbounded<string, LinkClosed | Cause.Done>())
    lines.push(line)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        line.abandoned = true
      })
    )
    return {
      send: (texts) => Effect.sync(() => void line.said.push(...texts.map((text) => JSON.parse(text) as Frame))),
      receive: Queue.takeAll(line.toClient).pipe(
        Effect.catchTag("Done", () => Effect.fail(new LinkClosed({ code: 1006, reason: "" })))
      )
    }
  })
  const transport = { open }
  const server: ScriptedServer = {
    lines,
    transport,
    layer: Layer.succeed(Transport, transport),
    refuse: undefined,
    last: () => lines.at(-1)!
  }
  return server
}

/** Lets everything happen that is due now. No actor takes part, so nobody can tell when all is done; this is plenty. */
export const due = Effect.andThen(TestClock.adjust(0), Effect.repeat(Effect.yieldNow, { times: 50 }))

export const incoming = (seq: number, conversation = "dm:alice:bob", text = `text ${seq}`) => ({
  type: "incoming_message",
  sender: "bob",
  conversation,
  seq,
  message_id: `m${seq}`,
  at: seq,
  text
})

/** The same entry as a page shows it. */
export const entry = (seq: number) => ({
  kind: "text",
  seq,
  message_id: `m${seq}`,
  sender: "bob",
  at: seq,
  text: `text ${seq}`
})
