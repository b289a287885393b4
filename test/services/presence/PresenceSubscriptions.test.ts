import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { UserId } from "../../../src/domain/Ids.ts"
import { PresenceSubscriptions } from "../../../src/services/presence/PresenceSubscriptions.ts"
import type { Session } from "../../../src/services/session/Session.ts"

const users = ["a", "b", "c"].map((name) => UserId.make(name))
/** Two connections of each. */
const refs = users.flatMap((user) => [{ user } as Session, { user } as Session])

const pick = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum })))
const step = Schema.Struct({ ref: pick(5), user: pick(2), what: Schema.Literals(["add", "add", "remove", "forget"]) })

describe("PresenceSubscriptions", () => {
  it.effect.prop(
    "P7 both ends say the same as a plain list of pairs, and nothing stays",
    [Schema.Array(step)],
    ([steps]) =>
      Effect.sync(() => {
        const all = new PresenceSubscriptions()
        let pairs: Array<readonly [Session, UserId]> = []
        for (const each of steps) {
          const [ref, user] = [refs[each.ref]!, users[each.user]!]
          const isOther = ([r, u]: readonly [Session, UserId]) => r !== ref || (each.what !== "forget" && u !== user)
          pairs = pairs.filter(isOther)
          if (each.what === "add") pairs.push([ref, user])
          if (each.what === "add") all.add(ref, user)
          else if (each.what === "remove") all.remove(ref, [user])
          else all.forget(ref)
          assert.strictEqual(all.size, pairs.length)
          for (const other of users) {
            const watching = pairs.filter(([, u]) => u === other).map(([r]) => r)
            assert.sameMembers(Array.from(all.of(other), (watch) => watch.ref), watching)
            const watched = pairs.filter(([r]) => r.user === other).map(([, u]) => u)
            assert.sameMembers(all.by(other).map((watch) => watch.user), watched)
            assert.strictEqual(all.concerns(other), watching.length + watched.length > 0)
            assert.strictEqual(
              all.between(user, other).length,
              pairs.filter(([r, u]) => r.user === user && u === other).length
            )
          }
          assert.strictEqual(all.countWith(ref, users), 3)
        }
      })
  )
})
