/** `switchboard admin` against a real server: every verb, what it prints, and how it ends. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { upload } from "../../support/fileApi.ts"
import { refuses, runCommand, startServer } from "../../support/ServerProcess.ts"
import { connect } from "../../support/TestClient.ts"

const token = "the token of an operator"

const make = Effect.gen(function*() {
  const { port } = yield* startServer(["--store", "memory", "--admin-token", token, "--no-web"])
  const env = { SWITCHBOARD_ADMIN_URL: `localhost:${port}`, SWITCHBOARD_ADMIN_TOKEN: token }
  const type = (args: ReadonlyArray<string>) => runCommand(["admin", ...args], env)
  return {
    port,
    env,
    /** What it prints, which is a success. */
    says: Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
      const { code, errors, output } = yield* type(args)
      assert.strictEqual(code, 0, output + errors)
      return output
    }),
    /** The same for programs: an object for each line. */
    json: Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
      const { code, errors, output } = yield* type([...args, "--json"])
      assert.strictEqual(code, 0, output + errors)
      return output.trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))
    }),
    refuses: (args: ReadonlyArray<string>, sentence: RegExp) => refuses(["admin", ...args], sentence, env)
  }
})

class Operator extends Context.Service<Operator, Effect.Success<typeof make>>()("test/Operator") {
  static readonly layer = Layer.effect(Operator, make)
}

layer(Operator.layer, { excludeTestServices: true })("switchboard admin", (it) => {
  it.effect("P3 says something once, reads it, and deletes it", () =>
    Effect.gen(function*() {
      const { json, port, refuses, says } = yield* Operator
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const words = ["say", "--as", "news", "--to", "alice", "--id", "one", "good", "morning"]
      assert.match(yield* says(...words), /conversation +dm:alice:news\nseq +1\n/)
      assert.strictEqual((yield* json(...words))[0].duplicate, true)
      assert.strictEqual((yield* alice.waitFor("incoming_message")).text, "good morning")
      assert.match(yield* says("messages", "dm:alice:news"), /^seq .*\n1 .* news +text +good morning\n$/)
      assert.strictEqual(
        yield* says("delete", "dm:alice:news", "1", "--reason", "wrong day"),
        "Deleted #1 of dm:alice:news.\n"
      )
      assert.strictEqual((yield* alice.waitFor("message_deleted")).sender, "@system")
      assert.deepStrictEqual((yield* json("messages", "dm:alice:news")).map(({ kind }) => kind), ["text", "delete"])
      yield* refuses(["messages", "dm:alice:nobody"], /^There is no .*\.\n$/)
      yield* refuses(["messages", "dm:alice:news", "--limit", "101"], /limit.* 1 to 100/)
      yield* refuses(["say", "--as", "news", "hello"], /exactly one of recipient, group and conversation/)
    }).pipe(Effect.scoped))

  it.effect("takes ids that look like flags after --, and says how to go on after one", () =>
    Effect.gen(function*() {
      const { env, json, says } = yield* Operator
      const users = ["-_x", "f:1:a/b", "o'neill", "token:t"]
      for (const user of users) {
        yield* says("say", `--as=${user}`, "--to=-to", "hi")
        assert.strictEqual(yield* says("ban", "--", user), `Banned ${user}.\n`)
      }
      assert.strictEqual(
        (yield* json("messages", "dm:-to:f%3A1%3Aa/b"))[0].sender,
        "f:1:a/b"
      )
      const more = (...args: ReadonlyArray<string>) =>
        Effect.map(runCommand(["admin", ...args, "--limit", "1"], env), ({ errors }) => errors)
      assert.match(yield* more("users", "--after=-"), /--after='-_x'/)
      assert.match(yield* more("bans", "--after=f:1:a/b"), /--after='o'\\''neill'/)
      assert.match(yield* more("bans"), /--after='-_x'/)
      yield* says("ban", "zoe")
      assert.match(yield* more("bans", "--after=o'neill"), /--after user:token:t/)
      assert.match(yield* says("bans", "--after", "user:token:t"), /^user .*\nzoe /)
      for (const user of [...users, "zoe"]) yield* says("lift", "--", user)
      // Others are the first of all users in the tests that follow.
      for (const user of ["-_x", "-to"]) yield* says("erase", "--", user)
    }).pipe(Effect.scoped))

  it.effect("finds what was said, everywhere, in a conversation, and as somebody would", () =>
    Effect.gen(function*() {
      const { env, json, refuses, says } = yield* Operator
      for (const text of ["green tea", "black tea", "tea \u001b[2J"]) {
        yield* says("say", "--as", "ida", "--to", "jan", text)
      }
      yield* says("say", "--as", "ida", "--to", "kim", "white tea")
      const texts = (...args: ReadonlyArray<string>) =>
        Effect.map(json("search", ...args), (hits) => hits.map(({ text }: any) => text))
      assert.deepStrictEqual(yield* texts("--sender", "ida", "tea"), [
        "white tea",
        "tea \u001b[2J",
        "black tea",
        "green tea"
      ])
      assert.deepStrictEqual(yield* texts("--user", "kim", "tea"), ["white tea"])
      assert.deepStrictEqual(yield* texts("--in", "dm:ida:jan", "green", "tea"), ["green tea"])
      assert.deepStrictEqual(yield* texts("--in", "dm:ida:jan", "--before", "2020-01-31", "tea"), [])
      assert.deepStrictEqual(yield* texts("--user", "mallory", "tea"), [])
      assert.match(yield* says("search", "\"green tea\""), /^at .*\n\S+Z +dm:ida:jan +1 +ida +green tea\n$/)
      const page = ["search", "--user", "ida", "--limit", "1", "tea"]
      const { errors } = yield* runCommand(["admin", ...page], env)
      const cursor = /^There is more; go on with --cursor (\S+)\.\n$/.exec(errors)![1]!
      assert.strictEqual((yield* json(...page, "--cursor", cursor))[0].text, "tea \u001b[2J")
      assert.include(yield* says(...page, "--cursor", cursor), "tea \u241b[2J")
      yield* refuses(["search"], /^There is nothing to look for; .*\.\n$/)
      yield* refuses(["search", "--in", "dm:ida:nobody", "tea"], /^There is no such conversation/)
      yield* refuses(["search", "--cursor", "AAAA", "tea"], /cursor/)
    }))

  it.effect("lists files, reads one, and removes it", () =>
    Effect.gen(function*() {
      const { json, port, refuses, says } = yield* Operator
      const { body } = yield* upload(port, "hello", { user: "dora", name: "note.txt", type: "text/plain" })
      const { file } = body as { readonly file: string }
      const listed = yield* json("files", "--user", "dora", "--state", "ready")
      assert.deepStrictEqual(listed.map((each) => [each.file, each.name, each.size]), [[file, "note.txt", 5]])
      assert.match(yield* says("files", "--user", "dora"), /^file +user +name +type +size +state +at\n/)
      assert.match(yield* says("file", file), /name +note\.txt\n(.*\n)*uses +\[\]\n/)
      yield* refuses(["release-file", file], /^The file is not held but ready; .*\.\n$/)
      assert.strictEqual(yield* says("remove-file", file), `Removed ${file}.\n`)
      yield* refuses(["file", file], /^There is no such file.*\.\n$/)
    }).pipe(Effect.scoped))

  it.effect("makes a group and changes it, member by member, until nobody is in it", () =>
    Effect.gen(function*() {
      const { json, refuses, says } = yield* Operator
      yield* says(
        "create-group",
        "Tea room",
        "--owner",
        "anna",
        "--members",
        "bert,cora",
        "--id",
        "tea",
        "--member",
        "uid=emma,ou=people"
      )
      yield* says("rename-group", "tea", "Coffee room")
      yield* says("add-member", "tea", "dora", "--role", "admin")
      yield* says("remove-member", "tea", "bert")
      const [{ members, name }] = yield* json("group", "tea")
      assert.deepStrictEqual([name, members.map(({ role, user }: any) => `${user} ${role}`)], [
        "Coffee room",
        ["anna owner", "cora member", "dora admin", "uid=emma,ou=people member"]
      ])
      assert.match(yield* says("conversations", "cora"), /group:tea +Coffee room/)
      assert.strictEqual(yield* says("delete-group", "tea"), "Nobody is in tea any more.\n")
      yield* refuses(["group", "tea"], /no such group/)
    }))

  it.effect("sees who is there, a page at a time, and ends connections", () =>
    Effect.gen(function*() {
      const { json, port, refuses, says } = yield* Operator
      const [emil, fritz] = yield* Effect.forEach(["emil", "fritz"], (user) => connect({ port, user, level: "v1" }))
      assert.includeMembers((yield* json("users", "--online")).map(({ user }) => user), ["emil", "fritz"])
      const [first] = yield* json("users", "--limit", "1")
      const { errors } = yield* runCommand(["admin", "users", "--limit", "1"], (yield* Operator).env)
      assert.strictEqual(errors, `There is more; go on with --after ${first.user}.\n`)
      assert.notInclude((yield* json("users", "--after", first.user)).map(({ user }) => user), first.user)
      const [{ session, ...connection }] = yield* json("connections", "--user", "emil")
      assert.deepInclude(connection, { user: "emil", level: "v1", device: "default" })
      assert.strictEqual(yield* says("disconnect", session), `Closed ${session}.\n`)
      assert.strictEqual(yield* emil!.closed, 4503)
      assert.deepStrictEqual(yield* json("kick", "fritz"), [{ connections: 1 }])
      assert.strictEqual(yield* fritz!.closed, 4503)
      yield* refuses(["disconnect", "nosuch"], /no such connection/)
    }).pipe(Effect.scoped))

  it.effect("bans until a time, lists bans and lifts them", () =>
    Effect.gen(function*() {
      const { json, refuses, says } = yield* Operator
      yield* says("ban", "mallory", "--until", "2999-01-31T12:00Z", "--reason", "spam")
      assert.match(yield* says("bans"), /^user .*\nmallory +2999-01-31T12:00:00\.000Z +spam /)
      yield* refuses(["ban", "mallory", "--until", "soon"], /--until .*soon.*2027-01-31T12:00Z/)
      yield* refuses(["ban", "mallory", "--until", "2020-01-31"], /has passed/)
      yield* says("lift", "mallory")
      assert.deepStrictEqual(yield* json("bans"), [])
    }))

  it.effect("knows a user, names them, gives out what is stored of them and erases it", () =>
    Effect.gen(function*() {
      const { json, refuses, says } = yield* Operator
      yield* says("say", "--as", "gustav", "--to", "hanna", "my words")
      yield* says("profile", "gustav", "--name", "Gustav\u00e9")
      assert.deepInclude((yield* json("user", "gustav"))[0], { name: "Gustav\u00e9", conversations: 1 })
      assert.include(yield* says("export", "gustav"), "my words")
      assert.strictEqual(yield* says("erase", "gustav"), "Erased gustav.\n")
      yield* refuses(["user", "gustav"], /Nothing is known of gustav/)
      yield* refuses(["export", "gustav"], /gustav/)
    }))

  it.effect("tells how much there is, and what the server runs with, without its secrets", () =>
    Effect.gen(function*() {
      const { json, says } = yield* Operator
      assert.isAbove((yield* json("stats"))[0].accepted, 0)
      const config = yield* says("config")
      assert.match(config, /\nstore +memory +flag\n/)
      assert.match(config, /\nadmin-token +redacted +flag\n/)
      assert.notInclude(config, token)
    }))
})

describe("switchboard admin, where there is nothing to ask", () => {
  it.live(
    "one sentence: no server, another token, none, another's server, an address that is none",
    () =>
      Effect.gen(function*() {
        const { port } = yield* startServer(["--store", "memory", "--admin-token", token, "--no-web"])
        const at = (url: string, ...args: ReadonlyArray<string>) => ["admin", "stats", "--admin-url", url, ...args]
        yield* refuses(at("localhost:1"), /localhost:1 does not answer/)
        yield* refuses(at(`localhost:${port}`), /wants the admin token; give it with --admin-token/)
        yield* refuses(at(`localhost:${port}`, "--admin-token", "x".repeat(200)), /has another admin token/)
        yield* refuses(at("ftp://localhost"), /--admin-url/)
        const other = yield* Effect.acquireRelease(
          Effect.callback<ReturnType<typeof createServer>>((resume) => {
            const server = createServer((request, response) => {
              response.statusCode = request.url?.includes("stats") === true ? 200 : 500
              // Megabytes of it.
              for (let i = 0; i < 64; i++) response.write("<p>hello</p>".repeat(10_000))
              response.end()
            })
            server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
          }),
          (server) => Effect.sync(() => server.close())
        )
        const url = `127.0.0.1:${(other.address() as AddressInfo).port}`
        yield* refuses(at(url), /answered what no Switchboard says/)
        yield* refuses(["admin", "user", "alice", "--admin-url", url], /answered 500; is it a Switchboard/)
      }).pipe(Effect.scoped),
    120_000
  )
})
