/** What the operator does, as people at a page see it. */
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { assert, it } from "vitest"
import { adminAt, adminToken } from "../support/adminApi.ts"
import { onStage } from "./support/onStage.ts"

const event = (page: Page, text: string) => page.locator(".event", { hasText: text })

onStage(
  "the operator",
  (on) => {
    it("makes a group, deletes what was said in it, and ends it", async () => {
      const admin = adminAt(Number(new URL(on.url).port))
      const done = (made: ReturnType<typeof admin.get>) => Effect.runPromise(made)
      const alice = await on.person("alice")
      await done(admin.post("/groups", { id: "hikes", name: "Friday hikes", owner: "alice", members: ["bob"] }))
      await alice.row("Friday hikes").click()
      await event(alice, "The operator created “Friday hikes” with you and bob").waitFor()
      await alice.say("buy now")
      await done(admin.post("/messages", { sender: "bob", group: "hikes", text: "hello" }))
      await alice.message("hello").waitFor()
      assert.strictEqual((await done(admin.delete("/conversations/group:hikes/messages/2"))).status, 204)
      await alice.locator(".message", { hasText: "Deleted by the operator" }).waitFor()
      assert.strictEqual(await alice.message("buy now").count(), 0)
      await done(admin.put("/groups/hikes/members/bob", { role: "admin" }))
      await event(alice, "The operator made bob an admin").waitFor()
      await done(admin.delete("/groups/hikes"))
      await event(alice, "The operator removed").waitFor()
      await alice.field.waitFor({ state: "detached" })
    })
  },
  "--store",
  "memory",
  "--admin-token",
  adminToken
)
