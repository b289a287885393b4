/** What has to be there before some operations can be carried out: it is made now and again, as people and apps make it. */
import { Effect, Layer, Option } from "effect"
import { FilePolicy, pass } from "../../src/services/files/FilePolicy.ts"
import { Subscriptions } from "../../src/services/storage/Subscriptions.ts"
import { logName } from "../../src/services/webhooks/LogTeller.ts"
import { connect, type TestClient } from "../support/TestClient.ts"
import type { Answered } from "./document.ts"
import type { Asked, Known } from "./generate.ts"

/** A file of this name is held until somebody releases it. */
const held = "held.txt"

export const holding = Layer.succeed(FilePolicy, {
  judge: ({ name }) => Effect.succeed(name === held ? { _tag: "Hold" } : pass)
})

type Ask<E> = (asked: Omit<Asked, "isDescribed">) => Effect.Effect<Answered, E>

const bodyOf = ({ body }: Answered) => JSON.parse(body.toString())

/**
 * Makes one of each, and tells `known` how it is named. Whoever is in it may be banned and erased since; who reports is
 * somebody else each time, because nobody may report much.
 */
export const making = Effect.fnUntraced(
  function*<E>(port: number, ask: Ask<E>, admin: Record<string, string>, known: Known) {
    const subscriptions = Option.getOrThrow(yield* Effect.serviceOption(Subscriptions))
    // There is a webhook, and it takes nothing.
    yield* subscriptions.open(logName, "now")

    const call = (method: string, path: string, body?: object) =>
      ask({
        method,
        path,
        headers: { ...admin, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        body: body === undefined ? undefined : Buffer.from(JSON.stringify(body))
      })
    const uploaded = Effect.fnUntraced(function*(name: string) {
      const headers = { "phone-number": "ida", "content-type": "text/plain" }
      const answer = yield* ask({ method: "POST", path: `/v1/files?name=${name}`, headers, body: Buffer.from("tea") })
      return bodyOf(answer)
    })

    let count = 0
    let last: TestClient | undefined
    return Effect.gen(function*() {
      const user = `jon-${count++}`
      last?.close()
      const jon = last = yield* connect({ port, user, level: "v1" })
      // Both who ask for something are let in again, however they were banned meanwhile.
      for (const banned of ["ida", admin["phone-number"]]) yield* call("DELETE", `/v1/admin/bans/${banned}`)
      const file = yield* uploaded("note.txt")
      const message = { sender: "ida", recipient: user, text: "tea" }
      const said = bodyOf(yield* call("POST", "/v1/admin/messages", { ...message, attachments: [{ file: file.file }] }))
      const { attachments } = yield* jon.waitFor("incoming_message", ({ seq }) => seq === said.seq)
      yield* jon.ask({ type: "report", recipient: "ida", seq: said.seq }, "reported")

      const link = new URL(attachments![0]!.url!, "http://localhost")
      const parts = link.pathname.split("/")
      known.has("GET /v1/files/{file}/{name}", {
        parameters: { ...Object.fromEntries(link.searchParams), file: parts.at(-2)!, name: parts.at(-1)! }
      })
      known.has("POST /v1/admin/messages", { body: message })
      const place = { conversation: said.conversation, seq: `${said.seq}` }
      known.has("DELETE /v1/admin/conversations/{conversation}/messages/{seq}", { parameters: place })
      const { reports } = bodyOf(yield* call("GET", "/v1/admin/reports?limit=1"))
      known.has("POST /v1/admin/reports/{report}/close", { parameters: { report: `${reports[0].id}` } })
      known.has("POST /v1/admin/files/{file}/release", { parameters: { file: (yield* uploaded(held)).file } })
      const { connections } = bodyOf(yield* call("GET", `/v1/admin/connections?user=${user}`))
      known.has("DELETE /v1/admin/connections/{session}", { parameters: { session: connections[0].session } })
      const { events } = bodyOf(yield* call("GET", "/v1/admin/webhook-events?limit=1"))
      known.has("POST /v1/admin/webhook-events/{id}/retry", { parameters: { id: events[0].id } })
    })
  }
)
