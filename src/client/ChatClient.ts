/** The typed client: one object for one user on one device, whatever happens to its connections. */
import { Context, Effect, Fiber, FiberSet, Layer, type Option, Queue, Random, type Scope, Stream } from "effect"
import { defined } from "../domain/defined.ts"
import { isEntryPush } from "../domain/entries/index.ts"
import type { JsonObject } from "../domain/entries/MessageData.ts"
import type { UserId } from "../domain/Ids.ts"
import type { MessageAccepted, ServerFrame } from "../domain/ServerFrame.ts"
import { ClientError } from "./ClientError.ts"
import { type Commands, type EditOptions, makeCommands } from "./Commands.ts"
import { ask as askSecret, httpUrl } from "./Credentials.ts"
import { Events } from "./Events.ts"
import { Incoming } from "./Incoming.ts"
import { lifecycle } from "./Lifecycle.ts"
import { Observable } from "./Observable.ts"
import { makeOutbox, type SendOptions } from "./Outbox.ts"
import { memoryOutbox, type OutboxStorage } from "./OutboxStorage.ts"
import { makeEcho, ownPush } from "./ownPush.ts"
import { errorOf, PendingRequests } from "./PendingRequests.ts"
import { makePresenceSubscriptions, type PresenceSubscriptions } from "./PresenceSubscriptions.ts"
import { Transport } from "./Transport.ts"
import { type DataSchema, typedData } from "./typedData.ts"
import type { Answer, ChatEvent, ClientState, Command, Credentials, LogEvent, PendingMessage, Target } from "./types.ts"
import { Unanswered } from "./Unanswered.ts"
import { makeUploads, type UploadedFile, type UploadOptions } from "./Upload.ts"
import type { UploadContent } from "./UploadContent.ts"

/** `Data` is an app's own data in messages, as its Schema has it. */
export interface ClientOptions<Data = JsonObject> {
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
  /**
   * The Schema of `data` in messages, as the server may have it as its `MessageDataSchema`: `send` and `edit` take what it
   * describes, and `dataOf` reads it. By default `data` is any JSON object.
   */
  readonly data?: DataSchema<Data>
}

export interface ChatClientService<Data = JsonObject> extends Omit<Commands, "edit" | "send"> {
  /** One call is one message however often the network fails. Comes back once it is accepted. */
  readonly send: (target: Target, text: string, options?: SendOptions<Data>) => Answer<MessageAccepted>
  readonly edit: (target: Target, seq: number, text: string, options?: EditOptions<Data>) => Answer<MessageAccepted>
  /** The data of an event, or of an entry of history; none where there is none, or where it does not fit the Schema. */
  readonly dataOf: (message: object) => Option.Option<Data>
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
  /**
   * Brings a file to the server, for a message to `send` it. Three go at once, the others wait in order; one that breaks is
   * begun again for as long as its content can be read again. Interrupted, nothing of it stays.
   */
  readonly upload: (content: UploadContent, options?: UploadOptions) => Effect.Effect<UploadedFile, ClientError>
  /** The address of a file that came with a message: good for a day, for whoever has it. */
  readonly fileUrl: (attachment: { readonly url?: string }) => string | undefined
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
      case "message_reported":
        return events.offerLive(frame)
      case "ping":
        return incoming.heads(frame.heads ?? {})
      case "message_accepted": {
        // First its place in the log, then the answer: whoever waits for it may look at once.
        const command = requests.commandOf(frame.id)
        incoming.answered(frame, command !== undefined)
        // Of a message the outbox tells.
        if (command !== undefined && command.type !== "chat_message") {
          incoming.tell({ type: "own", pushed: pushOf(command, frame) }, frame)
        }
        return void requests.answered(frame.id, frame)
      }
      case "error":
        if (frame.id === undefined || requests.answered(frame.id, frame) || unanswered.refused(frame.id, frame)) return
        return presence.refused(frame.id, errorOf(frame))
      case "profile":
      case "conversation_settings":
      case "settings":
        // What was asked for is answered; what another device or another person changed is news.
        if (frame.id !== undefined) return void requests.answered(frame.id, frame)
        return events.offerLive(frame)
      default:
        if ("id" in frame && frame.id !== undefined) requests.answered(frame.id, frame)
    }
  }
}

const make = Effect.fnUntraced(function*<Data = JsonObject>(
  { credentials, data: schema, device, outbox: storage = memoryOutbox(), readsList = false, url }: ClientOptions<Data>
): Effect.fn.Return<ChatClientService<Data>, never, Scope.Scope> {
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
  const echo = makeEcho(ask, () => user)
  const address = { credentials, url, ...defined({ device }) }
  const uploads = yield* makeUploads({ address, run })
  const roundTrip = Effect.asVoid(ask({ type: "ping" }))
  const presence = makePresenceSubscriptions({ makeId, roundTrip, run, tell })
  const outbox = yield* makeOutbox({ echo, events, incoming, makeId, requests, run, storage })

  const onFrame = dispatch({ credentials, pushOf, events, incoming, presence, requests, run, unanswered })

  const end = (reason: string, code: number | undefined, kind: "closed" | "refused") => {
    if (state.value._tag === "Closed") return
    send = undefined
    const coded = defined({ code })
    state.set({ _tag: "Closed", reason, ...coded })
    const message = kind === "refused" ? reason : `The client is closed: ${reason}`
    const error = new ClientError({ reason: kind, message: `${message.replace(/\.$/, "")}.`, ...coded })
    requests.close(error)
    uploads.close(error)
    events.end()
  }

  const living = yield* lifecycle({
    address,
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
      uploads.connected(welcome)
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

  const commands = makeCommands({ ask, list: incoming.list, outbox, presence, say, tell })
  const typed = typedData(schema)
  return {
    ...commands,
    send: (target, text, { data, ...options } = {}) =>
      data === undefined
        ? commands.send(target, text, options)
        : Effect.flatMap(typed.encode(data), (data) => commands.send(target, text, { ...options, data })),
    edit: (target, seq, text, { data, ...options } = {}) =>
      data === undefined
        ? commands.edit(target, seq, text, options)
        : Effect.flatMap(typed.encode(data), (data) => commands.edit(target, seq, text, { ...options, data })),
    dataOf: typed.dataOf,
    currentState: Effect.sync(() => state.value),
    states: Stream.takeUntil(state.stream, ({ _tag }) => _tag === "Closed"),
    listenState: (listener) => state.listen(listener),
    events: events.stream,
    pending: Effect.sync(outbox.pending),
    upload: uploads.upload,
    fileUrl: (attachment) => attachment.url === undefined ? undefined : httpUrl(url, attachment.url),
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
