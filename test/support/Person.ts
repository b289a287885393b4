/** Somebody in a story over real sockets: asks and hears the answer, and keeps all that was said meanwhile. */
import { Effect } from "effect"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { connect, type ConnectOptions } from "./TestClient.ts"

let asked = 0

export const person = Effect.fnUntraced(function*(options: ConnectOptions & { readonly user: string }) {
  const client = yield* connect({ level: "v1", ...options })
  const heard: Array<ServerFrame> = []
  const until = <A extends ServerFrame>(is: (frame: ServerFrame) => frame is A): Effect.Effect<A> =>
    Effect.flatMap(client.next, (frame) => {
      heard.push(frame)
      return is(frame) ? Effect.succeed(frame) : until(is)
    })
  return {
    user: options.user,
    /** Every frame that was not an answer to `ask`, and those too. */
    heard,
    tell: client.send,
    until,
    /** Says it with an id, and waits for what carries it back. */
    ask: (frame: object) => {
      const id = `ask-${asked++}`
      client.send({ ...frame, id })
      return until((answer): answer is ServerFrame & { readonly id: string } => "id" in answer && answer.id === id)
    },
    closed: client.closed,
    leave: client.close
  }
})

export type Person = Effect.Success<ReturnType<typeof person>>
