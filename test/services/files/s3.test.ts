/** Files in a bucket that is down, refuses, says nothing or is not there; and what an address of one may be. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Redacted, Result, Stream } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { FileId } from "../../../src/domain/Ids.ts"
import { FileStore, type FileStoreError } from "../../../src/services/files/FileStore.ts"
import { isS3, parseS3 } from "../../../src/services/files/S3Address.ts"
import { makeS3Client } from "../../../src/services/files/S3Client.ts"
import { S3FileStore, type S3FileStoreOptions } from "../../../src/services/files/S3FileStore.ts"
import { bytesOf, inPieces, read, sha256Of } from "../../../src/testing/files/FileStoreCase.ts"
import { hasS3Server, s3Credentials, startS3 } from "../../support/s3.ts"

const file = "f0" as FileId
const bytes = bytesOf(300_000)

const at = (bucket: S3FileStoreOptions) => <A, E, R>(use: Effect.Effect<A, E, R>) =>
  Effect.provide(use, S3FileStore.layer(bucket))

/** Whatever is asked of it. */
const everything: ReadonlyArray<(store: FileStore["Service"]) => Effect.Effect<unknown, FileStoreError>> = [
  (store) => store.put(file, inPieces(bytes, 65_536), { size: bytes.byteLength }),
  (store) => store.put(file, inPieces(bytes, 65_536)),
  // It never ends, and has not to: the bucket says no before.
  (store) => store.put(file, Stream.concat(inPieces(bytes, 65_536), Stream.never), { size: 10_000_000 }),
  (store) => store.get(file),
  (store) => store.get(file, { from: 1, to: 2 }),
  (store) => store.remove(file),
  (store) => store.list({ limit: 10 }),
  (store) => store.check
]

const secretsIn = (error: FileStoreError) => {
  const text = `${error.message} ${JSON.stringify(error)} ${Cause.pretty(Cause.fail(error))}`
  for (const secret of [s3Credentials.accessKeyId, Redacted.value(s3Credentials.secretAccessKey), "wrong-secret"]) {
    assert.notInclude(text, secret)
  }
}

/** All of it fails, at once, with a sentence like this that names bucket and endpoint. */
const allFail = (bucket: S3FileStoreOptions, sentence: RegExp) =>
  at(bucket)(Effect.gen(function*() {
    const store = yield* FileStore
    for (const [i, ask] of everything.entries()) {
      const error = yield* Effect.flip(ask(store))
      assert.strictEqual(error.kind, "unavailable", `${i}: ${error.message}`)
      assert.match(error.message, sentence, `${i}`)
      assert.include(error.message, `The bucket ${bucket.bucket} at ${new URL(bucket.endpoint!).host}`)
      secretsIn(error)
    }
  }))

describe.skipIf(!hasS3Server)("S3FileStore", () => {
  it.live(
    "a bucket that is down fails what is asked of it and is used again when it is back",
    () =>
      Effect.gen(function*() {
        const { again, bucket, stop } = yield* startS3
        yield* at(bucket)(Effect.gen(function*() {
          const store = yield* FileStore
          yield* store.put(file, inPieces(bytes, 65_536))
          yield* stop
          yield* allFail(bucket, /cannot be reached \(ECONNREFUSED\); see that it runs/)
          // Connections that were kept are of the one that has gone.
          assert.strictEqual((yield* Effect.flip(store.get(file))).kind, "unavailable")
          yield* again
          assert.strictEqual(sha256Of((yield* read(file))!.bytes), sha256Of(bytes))
          yield* store.put("f1" as FileId, inPieces(bytes, 65_536), { size: bytes.byteLength })
        }))
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("one that says nothing is given up in time", () =>
    Effect.gen(function*() {
      const { bucket, signal } = yield* startS3
      signal("SIGSTOP")
      yield* allFail({ ...bucket, silenceMillis: 50 }, /does not answer in time; see to it/)
    }).pipe(Effect.scoped), 60_000)

  it.live("one that refuses, is not there or is elsewhere is told apart", () =>
    Effect.gen(function*() {
      const { bucket } = yield* startS3
      const secretAccessKey = Redacted.make("wrong-secret")
      yield* allFail(
        { ...bucket, credentials: { ...s3Credentials, secretAccessKey } },
        /refuses \(SignatureDoesNotMatch\)/
      )
      yield* allFail({ ...bucket, bucket: "nobodys" }, /is not there; make it or choose another/)
      yield* allFail({ ...bucket, region: "eu-central-1" }, /is in the region us-east-1; give it as region=/)
    }).pipe(Effect.scoped), 60_000)

  // By the clock of a test it is 1970.
  it.effect("a clock that is wrong is said to be", () =>
    Effect.gen(function*() {
      const { bucket } = yield* startS3
      yield* allFail(bucket, /its clock and this one differ; set both by NTP/)
    }).pipe(Effect.scoped), 60_000)

  it.live("what is in the bucket beside its files is none of them", () =>
    Effect.gen(function*() {
      const { bucket } = yield* startS3
      yield* at(bucket)(Effect.flatMap(FileStore, (store) => store.put("alone" as FileId, inPieces(bytes, 65_536))))
      yield* at({ ...bucket, prefix: "chat/" })(Effect.gen(function*() {
        const store = yield* FileStore
        assert.deepStrictEqual(yield* store.list({ limit: 10 }), { files: [], hasMore: false })
        yield* store.put(file, inPieces(bytes, 65_536))
        assert.deepStrictEqual((yield* store.list({ limit: 10 })).files.map(({ file }) => file), [file])
      }))
      yield* at(bucket)(Effect.gen(function*() {
        const store = yield* FileStore
        assert.deepStrictEqual((yield* store.list({ limit: 1 })).files.map(({ file }) => file), ["alone"])
      }))
    }).pipe(Effect.scoped), 60_000)
})

/** Says what it was asked, and nothing is there. */
const listener = Effect.acquireRelease(
  Effect.callback<{ readonly port: number; readonly asked: Array<string>; readonly close: () => void }>((resume) => {
    const asked: Array<string> = []
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.headers.host} ${request.url}`)
      response.writeHead(404, { "content-type": "application/xml" })
      response.end("<Error><Code>NoSuchKey</Code></Error>")
    })
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({ port, asked, close: () => server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

describe("the address of a bucket", () => {
  const given = (address: string) => Result.getOrElse(parseS3(address), (sentence) => sentence)

  it("has a bucket, and may have a prefix, an endpoint, a region and a style", () => {
    assert.deepStrictEqual(given("s3://chat"), { bucket: "chat", prefix: "" })
    assert.deepStrictEqual(given("s3://my.chat-1/of/us/"), { bucket: "my.chat-1", prefix: "of/us/" })
    assert.deepStrictEqual(
      given("s3://chat/files?endpoint=http://localhost:9000&region=eu-central-1&style=host"),
      { bucket: "chat", prefix: "files/", endpoint: "http://localhost:9000", region: "eu-central-1", style: "host" }
    )
    assert.deepStrictEqual(["s3://a", "S3://a", "/s3/a", "s3"].map(isS3), [true, true, false, false])
  })

  it("is one sentence where it is none, and never has credentials", () => {
    for (
      const [address, sentence] of [
        ["s3://", /no good name of a bucket|Give --files/],
        ["s3:chat", /no good name of a bucket|Give --files/],
        ["s3://Ü", /no good name of a bucket/],
        ["s3://a_b", /no good name of a bucket/],
        ["s3://chat:9000", /no good name of a bucket/],
        ["s3://key:hidden@chat", /Take the credentials out of --files/],
        ["s3://chat/../other", /^\{|may have letters/],
        ["s3://chat/a%20b", /The prefix in --files may have letters/],
        ["s3://chat//a", /The prefix in --files may have letters/],
        ["s3://chat?endpoint=ftp://a", /Give endpoint= in --files/],
        ["s3://chat?endpoint=http://a/path", /Give endpoint= in --files/],
        ["s3://chat?region=a+b", /Give region= in --files/],
        ["s3://chat?style=both", /Give style= in --files/],
        ["s3://chat?secret=hidden", /--files has "secret="/]
      ] as const
    ) {
      const said = given(address)
      assert.match(typeof said === "string" ? said : JSON.stringify(said), sentence, address)
      assert.notInclude(JSON.stringify(said), "hidden")
    }
  })

  it.live("puts the bucket into the path or before the host, as the style says", () =>
    Effect.gen(function*() {
      const { asked, port } = yield* listener
      const ask = (options: Partial<S3FileStoreOptions>) => {
        const client = makeS3Client({
          bucket: "chat",
          prefix: "of/",
          region: "us-east-1",
          credentials: s3Credentials,
          endpoint: `http://localhost:${port}`,
          ...options
        })
        return Effect.ensuring(client.ask({ method: "GET", key: "f0" }, 404), Effect.sync(client.close))
      }
      yield* ask({})
      // Not every machine knows this name; who was asked for is what matters.
      yield* Effect.exit(ask({ style: "host" }))
      assert.strictEqual(asked[0], `GET localhost:${port} /chat/of/f0`)
      if (asked.length > 1) assert.strictEqual(asked[1], `GET chat.localhost:${port} /of/f0`)
    }).pipe(Effect.scoped))
})
