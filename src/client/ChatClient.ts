/** The typed client: one object for one user on one device, whatever happens to its connections. */
import { Context, Effect, Fiber, FiberSet, Layer, Queue, Random, type Scope, Stream } from "effect"
import { defined } from "../domain/defined.ts"
import { isEntryPush } from "../domain/entries/index.ts"
import type { UserId } from "../domain/Ids.ts"
import type { MessageAccepted, ServerFrame } from "../domain/ServerFrame.ts"
import { ClientError } from "./ClientError.ts"
import { type Commands, makeCommands } from "./Commands.ts"
import { ask as askSecret } from "./Credentials.ts"
import { Events } from "./Events.ts"
import { Incoming } from "./Incoming.ts"
import { lifecycle } from "./Lifecycle.ts"
import { Observable } from "./Observable.ts"
import { makeOutbox } from "./Outbox.ts"
import { memoryOutbox, type OutboxStorage } from "./OutboxStorage.ts"
import { ownPush } from "./ownPush.ts"
import { errorOf, PendingRequests } from "./PendingRequests.ts"
import { makePresenceSubscriptions, type PresenceSubscriptions } from "./PresenceSubscriptions.ts"
import { Transport } from "./Transport.ts"
import type { ChatEvent, ClientState, Command, Credentials, LogEvent, PendingMessage } from "./types.ts"
import { Unanswered } from "./Unanswered.ts"

export interface ClientOptions {
  /** The server's socket, as `ws://host:port/ws`. */
  readonly url: string
  readonly credentials: Credentials
  /** Names this device, so that it has a cursor of its own. Without it all nameless connections share one. */
  readonly device?: string
  /**
   * The application asks for its `conversations` on each connection, as one that shows them does: then the client learns
   * from those answers where it stands, and need not ask as well. Not by default.
   */
  readonly readsList?: boolean
  /** Where messages wait that have no answer yet; in memory by default. */
  readonly outbox?: OutboxStorage
}

export interface ChatClientService extends Commands {
  readonly currentState: Effect.Effect<ClientState>
  /** The present state, then each new one. */
  readonly states: Stream.Stream<ClientState>
  /** Called with each new state, without a fiber in between. Returns the way to stop. */
  readonly listenState: (listener: (state: ClientState) => void) => () => void
  /**
   * What is pushed and what became of messages. An event counts as taken when the next one is asked for, and is then
   * confirmed to the server; so run it once at a time.
   */
  readonly events: Stream.Stream<ChatEvent>
  /** Messages that were said here and have no answer yet. */
  readonly pending: Effect.Effect<ReadonlyArray<PendingMessage>>
  /** The network may have changed: connects now instead of later, or asks whether the line is alive. */
  readonly wake: Effect.Effect<void>
  /** Leaves for good. What has no answer stays in the outbox's storage. */
  readonly close: Effect.Effect<void>
}

/** A random name that nobody else has: 104 bits. */
const makeIds = (random: (typeof Random.Random)["Service"]) => () =>
  Array.from({ length: 4 }, () => Math.floor(random.nextDoubleUnsafe() * 2 ** 26).toString(36).padStart(6, "0")).join(
    ""
  )

interface Receivers {
  readonly credentials: Credentials
  readonly pushOf: (command: Command, accepted: MessageAccepted) => LogEvent
  readonly events: Events
  readonly incoming: Incoming
  readonly presence: PresenceSubscriptions
  readonly requests: PendingRequests
  readonly run: (effect: Effect.Effect<void>) => void
  readonly unanswered: Unanswered
}

/** Each frame to those whom it is for. */
const dispatch = ({ credentials, pushOf, events, incoming, presence, requests, run, unanswered }: Receivers) => {
  /** A session that is about to end goes on with a fresh token, without a reconnect. */
  const refresh = (token: () => Promise<string> | string) =>
    run(Effect.ignore(Effect.flatMap(askSecret(token), (token) => requests.ask({ type: "refresh_auth", token }))))

  return (frame: ServerFrame): void => {
    if (isEntryPush(frame)) return incoming.pushed(frame)
    switch (frame.type) {
      case "auth_expiring":
        if (credentials._tag === "Token") refresh(credentials.token)
        return events.offerLive(frame)
      case "receipt":
      case "presence":
      case "typing":
        return events.offerLive(frame)
      case "ping":
        return incoming.heads(frame.heads ?? {})
      case "message_accepted": {
        // First its place in the log, then the answer: whoever waits for it may look at once.
        incoming.answered(frame.conversation, frame.seq)
        const command = requests.commandOf(frame.id)
        // Of a message the outbox tells.
        if (command !== undefined && command.type !== "chat_message") {
          events.offerOwn({ type: "own", pushed: pushOf(command, frame) })
        }
        return void requests.answered(frame.id, frame)
      }
      case "error":
        if (frame.id === undefined || requests.answered(frame.id, frame) || unanswered.refused(frame.id, frame)) return
        return presence.refused(frame.id, errorOf(frame))
      default:
        if ("id" in frame && frame.id !== undefined) requests.answered(frame.id, frame)
    }
  }
}

const make = Effect.fnUntraced(function*(
  { credentials, device, outbox: storage = memoryOutbox(), readsList = false, url }: ClientOptions
): Effect.fn.Return<ChatClientService, never, Scope.Scope> {
  const makeId = makeIds(yield* Random.Random)
  const transport = yield* Transport
  const run = yield* FiberSet.makeRuntime<never, void>()
  const wake = yield* Queue.sliding<void>(1)
  const state = new Observable<ClientState>({ _tag: "Connecting" })
  let send: ((json: string) => void) | undefined
  let user: UserId

  const tell = (frame: object): boolean => {
    send?.(JSON.stringify(frame))
    return send !== undefined
  }
  const events = yield* Events.make((log) => incoming.taken(log))
  const requests = new PendingRequests({ makeId, run })
  const { ask } = requests
  const unanswered = new Unanswered({ run, tell })
  const say: Unanswered["say"] = (position) => unanswered.say(position)
  const incoming = new Incoming({ ask, events, named: device !== undefined, listed: readsList, run, say })
  const pushOf = (command: Command, accepted: MessageAccepted) => ownPush(command, accepted, user)
  const roundTrip = Effect.asVoid(ask({ type: "ping" }))
  const presence = makePresenceSubscriptions({ makeId, roundTrip, run, tell })
  const outbox = yield* makeOutbox({ pushOf, events, makeId, requests, run, storage })

  const onFrame = dispatch({ credentials, pushOf, events, incoming, presence, requests, run, unanswered })

  const end = (reason: string, code: number | undefined, kind: "closed" | "refused") => {
    if (state.value._tag === "Closed") return
    send = undefined
    const coded = defined({ code })
    state.set({ _tag: "Closed", reason, ...coded })
    const message = kind === "refused" ? reason : `The client is closed: ${reason}`
    requests.close(new ClientError({ reason: kind, message: `${message.replace(/\.$/, "")}.`, ...coded }))
    events.end()
  }

  const living = yield* lifecycle({
    address: { credentials, url, ...defined({ device }) },
    transport,
    state,
    wake,
    onReady: (welcome, write) => {
      send = write
      user = welcome.user
      unanswered.connected()
      presence.connected()
      incoming.welcomed(welcome)
      requests.connected(welcome, write)
    },
    onFrame,
    onEnd: () => {
      send = undefined
      requests.disconnected()
    },
    isBusy: () => requests.isWaiting
  }).pipe(
    Effect.map(({ code, reason }) => end(reason, code, code === undefined || code < 1_000 ? "refused" : "closed")),
    Effect.forkScoped
  )
  yield* Effect.addFinalizer(() => Effect.sync(() => end("it was closed", undefined, "closed")))

  return {
    ...makeCommands({ ask, list: incoming.list, outbox, presence, say, tell }),
    currentState: Effect.sync(() => state.value),
    states: Stream.takeUntil(state.stream, ({ _tag }) => _tag === "Closed"),
    listenState: (listener) => state.listen(listener),
    events: events.stream,
    pending: Effect.sync(outbox.pending),
    wake: Effect.asVoid(Queue.offer(wake, undefined)),
    close: Effect.andThen(
      Effect.sync(() => end("it was closed", undefined, "closed")),
      Fiber.interrupt(living)
    )
  }
})

/** The typed client as a service; provide `Transport` to change how it connects. */
export class ChatClient extends Context.Service<ChatClient, ChatClientService>()("switchboard/client/ChatClient") {
  /** Connects at once and stays for as long as the layer's scope. */
  static readonly layer = (options: ClientOptions): Layer.Layer<ChatClient> => Layer.effect(ChatClient, make(options))
  /** The same for code that has a scope of its own. */
  static readonly make = make
}
