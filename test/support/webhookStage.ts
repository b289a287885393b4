/** Webhooks whose receiver is a function, on clocks that the test moves. */
import { it } from "@effect/vitest"
import { Clock, Effect, Layer, Redacted } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import * as Conversation from "../../src/domain/Conversation.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import type { WebhookOptions } from "../../src/services/webhooks/WebhookOptions.ts"
import { Webhooks } from "../../src/services/webhooks/Webhooks.ts"
import { actors, pass } from "./actors.ts"
import { type WallClock, withWallClock } from "./wallClock.ts"
import { webhookSecret } from "./webhookReceiver.ts"

export interface Tried {
  readonly at: number
  readonly type: string
  readonly conversation: string
  readonly seq: number
  readonly user: string | undefined
  readonly id: string
}

export interface Stage {
  readonly wall: WallClock
  readonly tried: Array<Tried>
  readonly taken: Array<Tried>
  /** What the receiver says to a try. */
  answer: (tried: Tried) => { readonly status: number; readonly headers?: Record<string, string> }
}

const clientOf = (stage: Stage) =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) =>
      Effect.gen(function*() {
        const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
        const { data, type } = JSON.parse(body) as {
          type: string
          data: { conversation: string; seq: number; user?: string }
        }
        const tried: Tried = {
          at: yield* Clock.currentTimeMillis,
          type,
          conversation: data.conversation,
          seq: data.seq,
          user: data.user,
          id: request.headers["webhook-id"] ?? ""
        }
        stage.tried.push(tried)
        const { headers = {}, status } = stage.answer(tried)
        if (status < 300) stage.taken.push(tried)
        return HttpClientResponse.fromWeb(request, new Response(null, { status, headers }))
      })
    )
  )

/** A story of whoever is told, with two seconds for them to begin. */
export const told = (
  name: string,
  body: (stage: Stage) => Generator<Effect.Effect<any, unknown, any>, void, never>,
  options: Partial<WebhookOptions> = {},
  store = MemoryMessageStore.layer()
) =>
  it.effect(name, () =>
    withWallClock((wall) => {
      const stage: Stage = { wall, tried: [], taken: [], answer: () => ({ status: 204 }) }
      const webhooks = Webhooks.layer({
        url: Redacted.make(new URL("http://receiver.test/hook")),
        secrets: [Redacted.make(webhookSecret)],
        events: ["message.accepted", "group.changed"],
        ...options
      })
      const chat = webhooks.pipe(
        Layer.provide(clientOf(stage)),
        Layer.provideMerge(actors({}, store))
      )
      // What the store has beside messages is there at run time; the actors' type does not say it.
      const test = Effect.andThen(pass("2 seconds"), Effect.gen(() => body(stage))) as Effect.Effect<
        void,
        unknown,
        Layer.Success<typeof chat>
      >
      return Effect.provide(test, Layer.fresh(chat)).pipe(Effect.scoped)
    }))

export const alice = UserId.make("alice")
export const withAlice = (name: string) => Conversation.direct(alice, UserId.make(name))

export const say = Effect.fnUntraced(function*(recipient: string, text = "hi") {
  const server = yield* ServerActor
  return yield* server.send({ sender: alice, recipient: UserId.make(recipient), text })
})

/** In steps, so that what was due comes to its end in between. */
export const passing = (seconds: number, step = 1) =>
  Effect.repeat(pass(`${step} seconds`), { times: Math.ceil(seconds / step) - 1 })
