/** P8: `@system` is the operator, and nobody else can be called so, wherever a name comes in. */
import { assert, describe } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SignJWT } from "jose"
import { ConversationId, defaultDevice, system, UserId } from "../../src/domain/Ids.ts"
import { Authenticator, JwtAuthenticator, JwtKeys, ServerActor, Tickets } from "../../src/index.ts"
import { connect, open } from "../support/TestClient.ts"
import { served } from "../support/TestServer.ts"

const secret = "0123456789abcdef0123456789abcdef"

const refused = (port: number, headers: Record<string, string>, user?: string) =>
  Effect.flip(open({ port, level: "v1", headers, ...(user === undefined ? {} : { user }) })).pipe(
    Effect.map(({ status }) => status),
    Effect.orDie
  )

/** Of an app that lets anybody be anybody. */
const careless = Layer.succeed(Authenticator, {
  authenticate: () => Effect.succeed({ user: system, device: defaultDevice, named: false })
})

describe("@system", () => {
  served("is no name of a phone, nor of a ticket", function*(port) {
    for (const name of ["@system", "%40system", "@alice"]) {
      assert.strictEqual(yield* refused(port, {}, name), 401, name)
    }
    const ticket = yield* Effect.promise(() =>
      fetch(`http://127.0.0.1:${port}/v1/tickets`, {
        method: "POST",
        headers: { "phone-number": "@system" },
        body: "{}"
      })
    )
    assert.strictEqual(ticket.status, 401)
  })

  served("is no name in a token", function*(port) {
    const token = yield* Effect.promise(() =>
      new SignJWT({ sub: "@system", exp: 4_102_444_800 }).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(secret))
    )
    assert.strictEqual(yield* refused(port, { authorization: `Bearer ${token}` }), 401)
  }, { authenticator: Layer.orDie(JwtAuthenticator.layer({ keys: JwtKeys.fromSecret(secret) })) })

  served("is nobody's name for an authenticator of one's own either, nor for a ticket of it", function*(port) {
    assert.strictEqual(yield* refused(port, {}), 401)
    const { issue } = yield* Tickets
    const { ticket } = yield* issue({ user: system, device: defaultDevice, named: false }, "127.0.0.1")
    const status = yield* Effect.orDie(Effect.flip(open({ port, level: "v1", query: `ticket=${ticket}` })))
    assert.strictEqual(status.status, 401)
  }, { authenticator: careless })

  served("can be spoken to, blocked, watched and gathered by nobody", function*(port) {
    const alice = yield* connect({ port, user: "alice", level: "v1" })
    const { group } = yield* alice.ask({ type: "create_group", name: "tea", members: [] }, "group_info")
    const frames = [
      { type: "chat_message", recipient: "@system", text: "hi" },
      { type: "block", user: "@system" },
      { type: "subscribe_presence", users: ["@system"] },
      { type: "create_group", name: "tea", members: ["@system"] },
      { type: "add_members", group, members: ["@system"] },
      { type: "set_role", group, user: "@system", role: "owner" }
    ]
    for (const frame of frames) assert.strictEqual(yield* alice.code(frame), "invalid_frame", frame.type)
    const conversation = "dm:@system:alice"
    assert.strictEqual(yield* alice.code({ type: "chat_message", conversation, text: "hi" }), "not_found")
  })

  served("says nothing for an app that tries", function*() {
    const { send } = yield* ServerActor
    const bob = UserId.make("bob")
    const tries = [
      { recipient: bob },
      { conversation: ConversationId.make("dm:@system:bob") },
      { conversation: ConversationId.make("dm:alice:bob") }
    ]
    for (const to of tries) {
      const error = yield* Effect.flip(send({ sender: system, text: "hi", ...to }))
      assert.strictEqual(error.code, "not_found", JSON.stringify(to))
    }
  })
})
