/** docs/operations.md names every metric, and docs/grafana.json and docs/alerts.yml ask for no other. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { AdminAccess } from "../../src/index.ts"
import { eventually } from "../support/eventually.ts"
import { fetchMetrics, samplesOf, valueOf } from "../support/metricsPage.ts"
import { hasPromtool, promtool } from "../support/promtool.ts"
import { root } from "../support/ServerProcess.ts"
import { connect, open } from "../support/TestClient.ts"
import { served } from "../support/TestServer.ts"

const token = "0123456789abcdef"
const access = AdminAccess.layerToken(Redacted.make(token))

const docs = (file: string) => readFileSync(join(root, "docs", file), "utf8")

interface Documented {
  readonly name: string
  readonly labels: ReadonlyArray<string>
  readonly type: string
}

const documented: ReadonlyArray<Documented> = Array.from(
  /## Metrics\n(.*?)\n## /s.exec(docs("operations.md"))![1]!.matchAll(
    /^\| `([a-z_]+)(?:\{([a-z]+)\})?`\s*\| (counter|gauge|histogram)\s*\|/gm
  ),
  ([, name, label, type]) => ({ name: name!, labels: label === undefined ? [] : [label], type: type! })
)

/** Those of a histogram are three. */
const samplesOfDocumented = documented.flatMap(({ name, type }) =>
  type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => `${name}${end}`) : [name]
)

const namesIn = (query: string): ReadonlyArray<string> => query.match(/\b(?:switchboard|process)_[a-z_]+/g) ?? []

interface Panel {
  readonly title: string
  readonly targets?: ReadonlyArray<{ readonly expr: string }>
}

const panels = (JSON.parse(docs("grafana.json")) as { readonly panels: ReadonlyArray<Panel> }).panels
const alerts = Array.from(docs("alerts.yml").matchAll(/alert: (\S+)\s+expr: (.*)/g), ([, name, expr]) => ({
  name: name!,
  expr: expr!
}))

/** What happens on an ordinary day, and some of what does not. */
const conversation = Effect.fnUntraced(function*(port: number) {
  const alice = yield* connect({ port, user: "alice", level: "v1", device: "phone" })
  const bob = yield* connect({ port, user: "bob", level: "v1", device: "phone" })
  yield* alice.ask({ type: "chat_message", recipient: "bob", text: "hello" }, "message_accepted")
  yield* bob.waitFor("incoming_message")
  const { group } = yield* alice.ask({ type: "create_group", name: "two", members: ["bob"] }, "group_info")
  yield* alice.ask({ type: "chat_message", group, text: "both of you" }, "message_accepted")
  yield* alice.ask({ type: "react", recipient: "bob", seq: 1, emoji: "👍" }, "message_accepted")
  yield* bob.waitFor("incoming_message", ({ text }) => text === "both of you")
  assert.strictEqual(
    yield* bob.code({ type: "history", conversation: "dm:carol:dave", limit: 10, after: 0 }),
    "not_found"
  )
  yield* Effect.flip(open({ port }))
  // What was not confirmed comes again, from the store.
  bob.close()
  yield* bob.closed
  const again = yield* connect({ port, user: "bob", level: "v1", device: "phone" })
  yield* again.waitFor("incoming_message", ({ text }) => text === "both of you")
  return { alice, bob: again }
})

describe("docs: metrics", () => {
  served(
    "after a conversation: all that are documented, and no other; each with its help, its type and its labels",
    function*(port) {
      yield* conversation(port)
      const { contentType, status, text } = yield* fetchMetrics(port, token)
      assert.deepStrictEqual([status, contentType], [200, "text/plain; version=0.0.4; charset=utf-8"])
      const types = Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name, type]) => `${name} ${type}`)
      // Twice would be there twice.
      assert.deepStrictEqual(types.toSorted(), documented.map(({ name, type }) => `${name} ${type}`).toSorted())
      const helped = Array.from(text.matchAll(/^# HELP (\S+) \S.*$/gm), ([, name]) => name)
      assert.deepStrictEqual(helped.toSorted(), documented.map(({ name }) => name).toSorted())
      for (const { labels, name } of samplesOf(text)) {
        const of = documented.find((each) =>
          name === each.name || name.replace(/_(bucket|sum|count)$/, "") === each.name
        )!
        assert.deepStrictEqual(Object.keys(labels), [...of.labels, ...(name.endsWith("_bucket") ? ["le"] : [])], name)
      }
      if (hasPromtool) promtool(["check", "metrics"], text)
    },
    { access }
  )

  served("they say what happened", function*(port) {
    const { alice, bob } = yield* conversation(port)
    const page = Effect.map(fetchMetrics(port, token), ({ text }) => text)
    const has = (name: string, value: number, labels: Readonly<Record<string, string>> = {}) =>
      eventually(Effect.map(page, (text) => valueOf(text, name, labels) === value))
    yield* has("switchboard_messages_accepted_total", 2, { kind: "text" })
    yield* has("switchboard_messages_accepted_total", 1, { kind: "reaction" })
    yield* has("switchboard_messages_accepted_total", 1, { kind: "group" })
    yield* has("switchboard_accept_duration_seconds_count", 3)
    yield* has("switchboard_commit_batch_entries_sum", 4)
    // Bob has all four on his first line and on his second, and Alice heard of none of her own but the group.
    yield* has("switchboard_redeliveries_total", 4)
    yield* eventually(Effect.map(page, (text) => valueOf(text, "switchboard_deliveries_total") >= 8))
    const told = yield* page
    assert.strictEqual(
      valueOf(told, "switchboard_delivery_duration_seconds_count"),
      valueOf(told, "switchboard_deliveries_total") - valueOf(told, "switchboard_redeliveries_total")
    )
    yield* has("switchboard_errors_total", 1, { code: "not_found" })
    yield* has("switchboard_refused_total", 1, { status: "401" })
    yield* has("switchboard_closed_total", 1, { code: "1000" })
    yield* has("switchboard_connections", 2)
    yield* has("switchboard_users_online", 2)
    yield* has("switchboard_groups_active", 1)
    yield* has("switchboard_store_up", 1)
    alice.close()
    bob.close()
    yield* has("switchboard_connections", 0)
    yield* has("switchboard_closed_total", 3, { code: "1000" })
  }, { access })

  it("the dashboard and the alerts ask for what there is", () => {
    const queries = [
      ...panels.flatMap(({ targets = [], title }) => targets.map(({ expr }) => ({ where: title, expr }))),
      ...alerts.map(({ expr, name }) => ({ where: name, expr }))
    ]
    assert.isAtLeast(queries.length, 40)
    for (const { expr, where } of queries) {
      assert.isNotEmpty(namesIn(expr), where)
      for (const name of namesIn(expr)) assert.include(samplesOfDocumented, name, where)
    }
    const asked = new Set(
      queries.flatMap(({ expr }) => namesIn(expr)).map((name) => name.replace(/_(bucket|sum|count)$/, ""))
    )
    assert.deepStrictEqual(documented.map(({ name }) => name).filter((name) => !asked.has(name)), [])
  })

  it.skipIf(!hasPromtool)("Prometheus takes the alerts", () => {
    assert.isAtLeast(alerts.length, 10)
    promtool(["check", "rules", join(root, "docs/alerts.yml")])
    // Each of them fires for what it is for, and none on an ordinary day.
    const tried = readFileSync(join(root, "test/docs/alerts.yml"), "utf8")
    for (const { name } of alerts) assert.include(tried, `"${name}"`)
    promtool(["test", "rules", join(root, "test/docs/alerts.yml")])
  })
})
