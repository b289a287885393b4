/** Where files are, as it is said at the command line; and files through backup, restore, erasure and the doctor. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bytesOf, sha256Of } from "../../src/testing/files/FileStoreCase.ts"
import { dataFile } from "../support/dataFiles.ts"
import { eventually } from "../support/eventually.ts"
import { freshDatabase, hasPostgres } from "../support/postgres.ts"
import { hasS3Server, s3Variables, startS3 } from "../support/s3.ts"
import { refuses, runCommand, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect } from "../support/TestClient.ts"

const bytes = bytesOf(200_000)

const asked = (port: number, path: string, init?: RequestInit) =>
  Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(30_000), ...init }))

const upload = (port: number, user = "alice") =>
  Effect.flatMap(
    asked(port, "/v1/files?name=a.bin", { method: "POST", headers: { "phone-number": user }, body: bytes.slice() }),
    (response) =>
      Effect.map(Effect.promise(() => response.json()), (body) => ({ status: response.status, ...body as Uploaded }))
  )

interface Uploaded {
  readonly file: string
  readonly sha256: string
  readonly detail?: string
}

/** Said to bob with a file, so that it stays. */
const say = Effect.fnUntraced(function*(port: number, text: string) {
  const { file, status } = yield* upload(port)
  assert.strictEqual(status, 201)
  const alice = yield* connect({ port, user: "alice", level: "v1" })
  alice.send({ type: "chat_message", id: text, recipient: "bob", text, attachments: [{ file }] })
  yield* alice.waitFor("message_accepted")
  return file
})

/** What comes of all files that alice and bob have in their log. */
const downloads = Effect.fnUntraced(function*(port: number) {
  const alice = yield* connect({ port, user: "alice", level: "v1" })
  alice.send({ type: "history", recipient: "bob", after: 0 })
  const { messages } = yield* alice.waitFor("history_page")
  const paths = messages.flatMap((each) => each.kind === "text" ? each.attachments ?? [] : []).map(({ url }) => url)
  return yield* Effect.forEach(
    paths,
    (path) =>
      Effect.flatMap(asked(port, path!), (response) =>
        Effect.map(
          Effect.promise(() => response.arrayBuffer()),
          (body) => response.status === 200 ? sha256Of(new Uint8Array(body)) : response.status
        ))
  )
})

const namesIn = (folder: string): Array<string> =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => path.split("/").at(-1)!)
    : []

const succeeds = Effect.fnUntraced(function*(args: ReadonlyArray<string>, env?: Record<string, string>) {
  const { code, errors, output } = yield* runCommand(args, env)
  assert.strictEqual(code, 0, output + errors)
  return output
})

const killed = <A, E, R>(data: string, use: (port: number) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.gen(function*() {
    const server = yield* startServer(["--data", data])
    const done = yield* use(server.port)
    server.kill("SIGKILL")
    yield* server.exited
    return done
  }))

describe("--files", () => {
  it.live("a place that is none, or does not fit the rest, is one sentence", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" }
      const config = (sentence: RegExp, ...args: ReadonlyArray<string>) => refuses(["config", ...args], sentence, none)
      yield* config(
        /^--store memory keeps files in memory as well; leave --files out/,
        "--store",
        "memory",
        "--files",
        path
      )
      yield* config(/^There is no good name of a bucket in --files/, "--files", "s3://a_b")
      yield* config(/^Give --files a folder, or a bucket as/, "--files", "https://s3.example.com/bucket")
      yield* config(/^Take the credentials out of --files/, "--files", "s3://key:secret@chat")
      yield* config(/^A bucket needs credentials; give them as AWS_ACCESS_KEY_ID/, "--files", "s3://chat")
      yield* succeeds(["config", "--files", "s3://chat"], s3Variables)
      yield* succeeds(["config", "--store", "memory", "--files", "none"])
      const serve = ["serve", "--port", "0", "--data", join(path, "chat.db"), "--files"]
      yield* refuses([...serve, join(path, "no", "files")], /^There is no directory .*no; make it or choose another/)
      writeFileSync(join(path, "file"), "")
      yield* refuses([...serve, join(path, "file")], /is not a folder/)
    }).pipe(Effect.scoped), 240_000)

  it.live(
    "by default they lie beside the data file, and nowhere before there is one; none takes none",
    () =>
      Effect.gen(function*() {
        const data = yield* dataFile
        const file = yield* killed(data, (port) =>
          Effect.gen(function*() {
            assert.isFalse(existsSync(`${data}.files`))
            const file = yield* say(port, "one")
            assert.deepStrictEqual(namesIn(`${data}.files`), [file])
            return file
          }))
        yield* killed(
          data,
          (port) => Effect.map(downloads(port), (all) => assert.deepStrictEqual(all, [sha256Of(bytes)]))
        )
        const { port } = yield* startServer(["--data", data, "--files", "none"])
        assert.strictEqual((yield* upload(port)).status, 501)
        assert.deepStrictEqual(namesIn(`${data}.files`), [file])
        const memory = yield* startServer(["--store", "memory"])
        assert.strictEqual((yield* upload(memory.port)).status, 201)
      }).pipe(Effect.scoped),
    240_000
  )

  it.live.skipIf(!hasPostgres)(
    "with Postgres there is none without --files, and a folder is warned about",
    () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("switchboard_cli_files")
        const folder = join(yield* temporaryDirectory, "files")
        const store = ["--store", "postgres", "--database-url", url]
        const without = yield* startServer(store)
        assert.strictEqual((yield* upload(without.port)).status, 501)
        assert.strictEqual(without.errors(), "")
        const shared = yield* startServer([...store, "--files", folder])
        assert.match(shared.errors(), /^Warning: all servers of the database must have the same folder /)
        const file = yield* say(shared.port, "one")
        assert.deepStrictEqual(namesIn(folder), [file])
      }).pipe(Effect.scoped),
    240_000
  )

  it.live.skipIf(!hasS3Server)(
    "in a bucket that goes down the chat goes on, is ready, and has its files again after it",
    () =>
      Effect.gen(function*() {
        const s3 = yield* startS3
        const data = yield* dataFile
        const files = ["--files", `s3://chat/of-tests?endpoint=${s3.endpoint}&region=us-east-1`]
        const { port, errors, output } = yield* startServer(["--data", data, ...files], s3Variables)
        yield* say(port, "one")
        assert.deepStrictEqual(yield* downloads(port), [sha256Of(bytes)])
        const doctor = ["doctor", "--data", data, "--port", "0", ...files]
        assert.match(
          yield* succeeds(doctor, s3Variables),
          /^ok +files +The bucket chat takes files\.\nok +clock +It agrees/m
        )
        assert.match(
          yield* succeeds(["backup", "--data", data, "--to", `${data}.copy`, ...files], s3Variables),
          /Its files are in the bucket chat, which keeps them by its own means\.\n$/
        )
        assert.isFalse(existsSync(`${data}.copy.files`))
        yield* s3.stop
        assert.strictEqual((yield* asked(port, "/health/ready")).status, 200)
        assert.strictEqual((yield* upload(port)).status, 503)
        const alice = yield* connect({ port, user: "alice", level: "v1" })
        alice.send({ type: "chat_message", id: "two", recipient: "bob", text: "two" })
        yield* alice.waitFor("message_accepted")
        const sick = yield* runCommand(doctor, s3Variables)
        assert.strictEqual(sick.code, 1)
        assert.match(sick.output, /^failed +files +The bucket chat at 127\.0\.0\.1:\d+ cannot be reached/m)
        // A server begins without its bucket, and says so.
        const other = yield* startServer(["--data", yield* dataFile, ...files], s3Variables)
        yield* eventually(Effect.sync(() => /Files\.unavailable/.test(other.output())))
        yield* s3.again
        assert.deepStrictEqual(yield* downloads(port), [sha256Of(bytes)])
        assert.notInclude(output() + errors() + other.output() + sick.output, s3Variables.AWS_SECRET_ACCESS_KEY)
      }).pipe(Effect.scoped),
    240_000
  )
})

describe("backup and restore, with files", () => {
  const backup = (data: string, to: string) => succeeds(["backup", "--data", data, "--to", to])
  const restore = (from: string, data: string) => succeeds(["restore", "--from", from, "--data", data])

  it.live(
    "P1 a copy has its files, and brings them back after a kill, whatever has become of them",
    () =>
      Effect.gen(function*() {
        const data = yield* dataFile
        const copy = `${data}.copy`
        const one = yield* killed(data, (port) =>
          Effect.gen(function*() {
            const one = yield* say(port, "one")
            assert.match(yield* backup(data, copy), /Copied .* 1 file is in .*copy\.files\.\n$/)
            yield* say(port, "two")
            yield* refuses(["restore", "--from", copy, "--data", data], /in use by another server/)
            return one
          }))
        assert.deepStrictEqual(namesIn(`${copy}.files`), [one])
        assert.strictEqual(namesIn(`${data}.files`).length, 2)
        rmSync(`${data}.files`, { recursive: true })
        assert.match(yield* restore(copy, data), /1 file came back into .*chat\.db\.files\.\n$/)
        yield* killed(
          data,
          (port) => Effect.map(downloads(port), (all) => assert.deepStrictEqual(all, [sha256Of(bytes)]))
        )
        // Once more, beside what is there: nothing is missing, and nothing goes.
        assert.notMatch(yield* restore(copy, data), /came back|nowhere/)
        assert.deepStrictEqual(namesIn(`${copy}.files`), [one])
        // On the disk of somebody else, from nothing but the copy.
        const elsewhere = yield* dataFile
        yield* restore(copy, elsewhere)
        yield* killed(
          elsewhere,
          (port) => Effect.map(downloads(port), (all) => assert.deepStrictEqual(all, [sha256Of(bytes)]))
        )
      }).pipe(Effect.scoped),
    240_000
  )

  it.live(
    "what came while the files were copied is in the copy, and what cannot be found is said",
    () =>
      Effect.gen(function*() {
        const data = yield* dataFile
        yield* killed(data, (port) => Effect.andThen(say(port, "one"), say(port, "two")))
        const [gone] = namesIn(`${data}.files`)
        const place = join(`${data}.files`, gone!.slice(0, 4), gone!.slice(4, 6), gone!)
        renameSync(place, `${data}.aside`)
        assert.match(
          yield* backup(data, `${data}.copy`),
          /1 file is in .*\. 1 file that it names is nowhere to be found\.\n$/
        )
        assert.match(yield* restore(`${data}.copy`, data), /1 file that it names is nowhere to be found\.\n$/)
        // A message whose file is gone is a message all the same.
        yield* killed(
          data,
          (port) => Effect.map(downloads(port), (all) => assert.sameMembers(all, [sha256Of(bytes), 404]))
        )
      }).pipe(Effect.scoped),
    240_000
  )

  it.live("a copy takes nobody's place, and what did not come about leaves nothing", () =>
    Effect.gen(function*() {
      const data = yield* dataFile
      yield* killed(data, (port) => say(port, "one"))
      const copy = `${data}.copy`
      mkdirSync(`${copy}.files`)
      yield* refuses(
        ["backup", "--data", data, "--to", copy],
        /The folder .*copy\.files is there already; name a new one/
      )
      writeFileSync(`${data}.taken`, "")
      yield* refuses(["backup", "--data", data, "--to", `${data}.taken`], /is there already; name a new one/)
      const folder = join(data, "..")
      assert.notMatch(readdirSync(folder).join("\n"), /taken\.files|\.part/)
      // Files that are elsewhere are copied where they are said to be.
      renameSync(`${data}.files`, join(folder, "elsewhere"))
      const said = yield* succeeds([
        "backup",
        "--data",
        data,
        "--to",
        `${data}.b`,
        "--files",
        join(folder, "elsewhere")
      ])
      assert.match(said, /1 file is in .*\.b\.files/)
    }).pipe(Effect.scoped), 240_000)

  it.live("an older copy does not know younger files, and they do no harm", () =>
    Effect.gen(function*() {
      const data = yield* dataFile
      const file = yield* killed(data, (port) => Effect.andThen(backup(data, `${data}.copy`), say(port, "one")))
      yield* restore(`${data}.copy`, data)
      yield* killed(data, (port) => Effect.map(downloads(port), (all) => assert.deepStrictEqual(all, [])))
      assert.deepStrictEqual(namesIn(`${data}.files`), [file], "until they are two days old")
    }).pipe(Effect.scoped), 240_000)
})
