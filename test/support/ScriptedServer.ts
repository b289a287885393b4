/** The other end of a client's lines, played by the test: it sees what is asked for and says what it likes. */
import { assert } from "@effect/vitest"
import { Cause, Effect, Layer, Queue, type Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { ChatClient, type ChatClientService, type ClientOptions } from "../../src/client/ChatClient.ts"
import {
  LinkClosed,
  OpenFailed,
  type OpenRequest,
  Transport,
  type TransportService
} from "../../src/client/Transport.ts"
import type { ChatEvent, ClientState } from "../../src/client/types.ts"

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
    presence_subscriptions: 500,
    file_bytes: 26_214_400,
    file_bytes_per_user: 1_073_741_824
  }
}

export class ScriptedLine {
  readonly request: OpenRequest
  /** Everything that the client said and the test did not take. */
  readonly said: Array<Frame> = []
  readonly toClient: Queue.Queue<string, LinkClosed | Cause.Done>
  /** Whether the client has let go of it. */
  abandoned = false
  /** Whether the client had let go of all before it when it asked for this one. */
  readonly isOnly: boolean

  constructor(request: OpenRequest, toClient: Queue.Queue<string, LinkClosed | Cause.Done>, isOnly: boolean) {
    this.request = request
    this.toClient = toClient
    this.isOnly = isOnly
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

  /** Says it, and lets the client do what it does then. */
  tell(...frames: ReadonlyArray<object>): Effect.Effect<void> {
    return Effect.andThen(Effect.sync(() => this.say(...frames)), due)
  }

  /** Refuses the first frame of this type that the client said. */
  refuse(type: string, code: string, more: object = {}): void {
    this.say({ type: "error", id: this.take(type)["id"], code, message: "No.", temporary: false, ...more })
  }

  /** Answers the question for a history, which it returns, with these entries of a log that goes up to the last. */
  page(...messages: ReadonlyArray<Readonly<Record<string, unknown>> & { readonly seq: number }>): Frame {
    const question = this.take("history")
    const { conversation = "dm:alice:bob", id } = question
    const head_seq = messages.at(-1)!.seq
    this.say({ type: "history_page", id, conversation, messages, has_more: false, first_seq: 1, head_seq })
    return question
  }

  /** Answers the question for conversations with the one with bob, and where its log and this device stand. */
  list(head_seq: number, received: number): void {
    const summary = { conversation: "dm:alice:bob", kind: "direct", head_seq, received, read: 0, unread: 0 }
    this.say({
      type: "conversation_list",
      id: this.take("conversations")["id"],
      conversations: [summary],
      has_more: false
    })
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
  /** Lets the client in. */
  readonly welcome: Effect.Effect<void>
  /** The line breaks, and the next one is welcomed. */
  readonly reconnect: Effect.Effect<void>
}

export const makeScriptedServer = (): ScriptedServer => {
  const lines: Array<ScriptedLine> = []
  const open: TransportService["open"] = Effect.fnUntraced(function*(request) {
    if (server.refuse !== undefined) return yield* server.refuse
    const isOnly = lines.every(({ abandoned }) => abandoned)
    const line = new ScriptedLine(request, yield* Queue.unbounded<string, LinkClosed | Cause.Done>(), isOnly)
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
    last: () => lines.at(-1)!,
    welcome: Effect.suspend(() => server.last().tell(welcome)),
    reconnect: Effect.suspend(() => {
      server.last().close(1006)
      return Effect.andThen(TestClock.adjust("1 second"), server.welcome)
    })
  }
  return server
}

export interface Stage {
  readonly server: ScriptedServer
  readonly client: ChatClientService
  /** What the application has taken. */
  readonly events: Array<ChatEvent>
  readonly states: Array<ClientState>
  readonly last: () => ClientState
}

export interface StageOptions extends Omit<Partial<ClientOptions>, "device"> {
  /** `phone` by default; empty for a client without a name. */
  readonly device?: string
  /** False for an application that does not listen. */
  readonly taking?: boolean
}

/** A client of alice that has asked for its first line. */
export const start = Effect.fnUntraced(function*(
  { device = "phone", taking = true, ...options }: StageOptions = {}
): Effect.fn.Return<Stage, never, Scope.Scope> {
  const server = makeScriptedServer()
  const credentials = { _tag: "PhoneNumber", user: "alice" } as const
  const client = yield* ChatClient.make({
    url: "ws://test/ws",
    credentials,
    ...(device === "" ? undefined : { device }),
    ...options
  }).pipe(Effect.provide(server.layer))
  const states: Array<ClientState> = [yield* client.currentState]
  client.listenState((state) => states.push(state))
  const events: Array<ChatEvent> = []
  if (taking) yield* Effect.forkScoped(collect(client, events))
  yield* due
  return { server, client, events, states, last: () => states.at(-1)! }
})

/** The same, and the server has let it in. */
export const ready = (options?: StageOptions) => Effect.tap(start(options), ({ server }) => server.welcome)

/** Takes all events as they come. */
export const collect = ({ events }: ChatClientService, into: Array<ChatEvent>) =>
  Stream.runForEach(events, (event) => Effect.sync(() => void into.push(event)))

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
