/** The client for people who do not use Effect: promises and callbacks around the same `ChatClient`. */
import { Effect, Exit, Layer, Scope, Stream } from "effect"
import { ChatClient, type ClientOptions } from "./ChatClient.ts"
import type { Commands } from "./Commands.ts"
import { Transport, type TransportService } from "./Transport.ts"
import type { ChatEvent, ClientState, PendingMessage } from "./types.ts"

/** A command with a promise in the place of its Effect; what has no answer is done at once. */
type Promised<C> = C extends (...args: infer Args) => infer A ? (...args: Args) => Outcome<A> : () => Outcome<C>
type Outcome<C> = C extends Effect.Effect<infer A, infer E> ? [E] extends [never] ? A : Promise<A> : never

type PromisedCommands = { readonly [Name in keyof Commands]: Promised<Commands[Name]> }

/** The same client with promises. They reject with a `ChatError` or a `ClientError`. */
export interface SimpleClient extends PromisedCommands {
  readonly state: ClientState
  /** Messages that were said here and have no answer yet. */
  readonly pending: ReadonlyArray<PendingMessage>
  /** Called with the present state at once, then with each new one. Returns the way to stop. */
  onState(listener: (state: ClientState) => void): () => void
  /** An event counts as taken when the listeners have returned; pushes are confirmed to the server after that. */
  onEvent(listener: (event: ChatEvent) => void): () => void
  /** The network may have changed: connects now instead of later, or asks whether the line is alive. */
  wake(): void
  close(): Promise<void>
}

/** Those that have no answer. */
const unanswered: ReadonlyArray<string> = ["read", "typing"] satisfies ReadonlyArray<keyof Commands>

// The loop keeps each name with its own command, which the type of a loop cannot say: hence the cast.
const promised = (commands: Commands): PromisedCommands =>
  Object.fromEntries(
    Object.entries<Effect.Effect<unknown, unknown> | ((...args: Array<never>) => Effect.Effect<unknown, unknown>)>(
      commands
    ).map(([name, command]) => [name, (...args: Array<never>) => {
      const effect = typeof command === "function" ? command(...args) : command
      return unanswered.includes(name) ? Effect.runSync(effect) : Effect.runPromise(effect)
    }])
  ) as unknown as PromisedCommands

/** The browser's word that the network came or went, where there is a browser. */
const onNetworkChange = (callback: () => void): () => void => {
  const target = globalThis as Partial<Pick<EventTarget, "addEventListener" | "removeEventListener">>
  for (const type of ["online", "offline"]) target.addEventListener?.(type, callback)
  return () => {
    for (const type of ["online", "offline"]) target.removeEventListener?.(type, callback)
  }
}

/** `connect` over a transport of your own. */
export const connectWith = (options: ClientOptions, transport: TransportService | undefined): SimpleClient => {
  const scope = Scope.makeUnsafe()
  const { close, currentState, events, listenState, pending, states: _, wake, ...commands } = Effect.runSync(
    ChatClient.make(options).pipe(
      Effect.provide(transport === undefined ? Layer.empty : Layer.succeed(Transport, transport)),
      Scope.provide(scope)
    )
  )
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
export const connect = (options: ClientOptions): SimpleClient => connectWith(options, undefined)
