/** The client for people who do not use Effect: promises and callbacks around the same `ChatClient`. */
import { Effect, Exit, Layer, Option, Scope, Stream } from "effect"
import type { JsonObject } from "../domain/entries/MessageData.ts"
import { ChatClient, type ChatClientService, type ClientOptions } from "./ChatClient.ts"
import { ClientError } from "./ClientError.ts"
import type { Commands } from "./Commands.ts"
import { Transport, type TransportService } from "./Transport.ts"
import type { ChatEvent, ClientState, PendingMessage } from "./types.ts"
import type { UploadedFile, UploadOptions } from "./Upload.ts"
import type { UploadContent } from "./UploadContent.ts"
import { Uploads, type UploadsService } from "./Uploads.ts"

/** A command with a promise in the place of its Effect; what has no answer is done at once. */
type Promised<C> = C extends (...args: infer Args) => infer A ? (...args: Args) => Outcome<A> : () => Outcome<C>
type Outcome<C> = C extends Effect.Effect<infer A, infer E> ? [E] extends [never] ? A : Promise<A> : never

/** Whose options have the type of the app's data. */
type TypedCommands<Data> = Omit<Commands, "edit" | "send"> & Pick<ChatClientService<Data>, "edit" | "send">

type PromisedCommands<Data> = { readonly [Name in keyof Commands]: Promised<TypedCommands<Data>[Name]> }

export interface SimpleUploadOptions extends UploadOptions {
  /** Aborted, the upload is given up, and rejects with a `ClientError` whose reason is `cancelled`. */
  readonly signal?: AbortSignal | undefined
}

/** The same client with promises. They reject with a `ChatError` or a `ClientError`. */
export interface SimpleClient<Data = JsonObject> extends PromisedCommands<Data> {
  readonly state: ClientState
  /** Messages that were said here and have no answer yet. */
  readonly pending: ReadonlyArray<PendingMessage>
  /** Called with the present state at once, then with each new one. Returns the way to stop. */
  onState(listener: (state: ClientState) => void): () => void
  /** An event counts as taken when the listeners have returned; pushes are confirmed to the server after that. */
  onEvent(listener: (event: ChatEvent) => void): () => void
  /**
   * Brings a file to the server, for a message to `send` it. Three go at once, the others wait in order; one that breaks is
   * begun again for as long as its content can be read again.
   */
  upload(content: UploadContent, options?: SimpleUploadOptions): Promise<UploadedFile>
  /** The address of a file that came with a message: good for a day, for whoever has it. */
  fileUrl(attachment: { readonly url?: string }): string | undefined
  /** The data of an event, or of an entry of history, if there is any that fits the Schema. */
  dataOf(message: object): Data | undefined
  /** The network may have changed: connects now instead of later, or asks whether the line is alive. */
  wake(): void
  close(): Promise<void>
}

/** Those that have no answer. */
const unanswered: ReadonlyArray<string> = ["read", "typing"] satisfies ReadonlyArray<keyof Commands>

// The loop keeps each name with its own command, which the type of a loop cannot say: hence the cast.
const promised = <Data>(commands: TypedCommands<Data>): PromisedCommands<Data> =>
  Object.fromEntries(
    Object.entries<Effect.Effect<unknown, unknown> | ((...args: Array<never>) => Effect.Effect<unknown, unknown>)>(
      commands
    ).map(([name, command]) => [name, (...args: Array<never>) => {
      const effect = typeof command === "function" ? command(...args) : command
      return unanswered.includes(name) ? Effect.runSync(effect) : Effect.runPromise(effect)
    }])
  ) as unknown as PromisedCommands<Data>

/** The browser's word that the network came or went, where there is a browser. */
const onNetworkChange = (callback: () => void): () => void => {
  const target = globalThis as Partial<Pick<EventTarget, "addEventListener" | "removeEventListener">>
  for (const type of ["online", "offline"]) target.addEventListener?.(type, callback)
  return () => {
    for (const type of ["online", "offline"]) target.removeEventListener?.(type, callback)
  }
}

/** A promise that an `AbortSignal` ends. */
const cancellable = <A>(effect: Effect.Effect<A, ClientError>, signal: AbortSignal | undefined): Promise<A> =>
  Effect.runPromise(effect, signal === undefined ? undefined : { signal }).catch((error: unknown) => {
    throw signal?.aborted === true
      ? new ClientError({ reason: "cancelled", message: "The upload was cancelled." })
      : error
  })

/** `connect` over a transport of your own, and uploads over another. */
export const connectWith = <Data = JsonObject>(
  options: ClientOptions<Data>,
  transport: TransportService | undefined,
  uploads?: UploadsService
): SimpleClient<Data> => {
  const scope = Scope.makeUnsafe()
  const layer = Layer.mergeAll(
    transport === undefined ? Layer.empty : Layer.succeed(Transport, transport),
    uploads === undefined ? Layer.empty : Layer.succeed(Uploads, uploads)
  )
  const { close, currentState, dataOf, events, fileUrl, listenState, pending, states: _, upload, wake, ...commands } =
    Effect
      .runSync(ChatClient.make(options).pipe(Effect.provide(layer), Scope.provide(scope)))
  const now = <A>(effect: Effect.Effect<A>): A => Effect.runSync(effect)
  const listeners = new Set<(event: ChatEvent) => void>()
  const stopListening = onNetworkChange(() => now(wake))
  let consuming = false

  /** One listener that throws takes nothing from the others, nor from itself later. */
  const dispatch = (event: ChatEvent) =>
    Effect.forEach(
      Array.from(listeners),
      (listener) =>
        Effect.sync(() => listener(event)).pipe(
          Effect.catchDefect((defect) => Effect.logError("A listener of onEvent threw.", defect))
        ),
      { discard: true }
    )

  // Events wait for the first listener.
  const consume = () => {
    if (consuming) return
    consuming = true
    Effect.runSync(Effect.forkIn(Stream.runForEach(events, dispatch), scope))
  }

  return {
    ...promised(commands),
    upload: (content, { signal, ...options } = {}) => cancellable(upload(content, options), signal),
    fileUrl,
    dataOf: (message) => Option.getOrUndefined(dataOf(message)),
    get state() {
      return now(currentState)
    },
    get pending() {
      return now(pending)
    },
    onState: (listener) => {
      listener(now(currentState))
      return listenState(listener)
    },
    onEvent: (listener) => {
      listeners.add(listener)
      consume()
      return () => void listeners.delete(listener)
    },
    wake: () => now(wake),
    close: () => {
      stopListening()
      return Effect.runPromise(Effect.andThen(close, Scope.close(scope, Exit.void)))
    }
  }
}

/** Connects at once, with the platform's own WebSocket, and stays connected until `close`. */
export const connect = <Data = JsonObject>(options: ClientOptions<Data>): SimpleClient<Data> =>
  connectWith(options, undefined)
