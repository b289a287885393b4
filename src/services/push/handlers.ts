/** Where browsers are told of messages. */
import { Effect } from "effect"
import * as Errors from "../../domain/Errors.ts"
import type { Handlers } from "../session/Handlers.ts"
import { areKeys } from "./encryption.ts"
import { Push } from "./Push.ts"
import { endpointProblem, PushNetwork } from "./PushNetwork.ts"

const noPush = () => Errors.forbidden("This server has no Web Push; its operator has to name a contact for it.")

export const pushHandlers = Effect.gen(function*() {
  const { service } = yield* Push
  const network = yield* PushNetwork
  const there = Effect.suspend(() => service === undefined ? Effect.fail(noPush()) : Effect.succeed(service))

  const handlers: Handlers<"push_subscribe" | "push_unsubscribe"> = {
    push_subscribe: Effect.fnUntraced(function*({ subscription }, { user }) {
      const push = yield* there
      if (subscription !== undefined) {
        const problem = endpointProblem(subscription.endpoint, network)
        if (problem !== undefined) {
          return yield* Errors.invalidFrame(`${problem.slice(0, -1)}; give one that a browser has made.`)
        }
        if (!areKeys(subscription.keys)) {
          return yield* Errors.invalidFrame("The keys are not those of a browser; give them as it has made them.")
        }
      }
      const endpoints = yield* subscription === undefined ? push.endpoints(user) : push.subscribe(user, subscription)
      return { type: "push_subscriptions", endpoints, public_key: yield* push.publicKey }
    }),

    push_unsubscribe: Effect.fnUntraced(function*({ subscription: { endpoint } }, { user }) {
      const push = yield* there
      const endpoints = yield* push.unsubscribe(user, endpoint)
      return { type: "push_subscriptions", endpoints, public_key: yield* push.publicKey }
    })
  }
  return handlers
})
