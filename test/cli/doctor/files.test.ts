/** Places of files as they are found. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { clockOfBucket, filesChecks, filesRoomVerdict } from "../../../src/cli/doctor/files.ts"
import type { FilesPlace } from "../../../src/cli/files.ts"
import { hasS3Server, s3Variables, startS3 } from "../../support/s3.ts"
import { runCommand } from "../../support/ServerProcess.ts"
import { canMount, smallDisk } from "../../support/smallDisk.ts"
import { temporaryDirectory } from "../../support/stores.ts"
import { foundBy } from "../../support/verdicts.ts"

const looked = (place: FilesPlace, isShared = false) =>
  Effect.map(foundBy(filesChecks(place, isShared), 30_000), (lines) => lines.join("\n"))

const folder = (folder: string): FilesPlace => ({ _tag: "Folder", folder })

describe("the doctor, of the place of files", () => {
  it.live("a folder that is there takes a file, and one that is not is not made", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const files = join(path, "files")
      assert.match(yield* looked(folder(files)), /^ok files: .*files is not there yet; the first file makes it\.$/m)
      assert.deepStrictEqual(readdirSync(path), [])
      mkdirSync(files)
      assert.match(yield* looked(folder(files)), /^ok files: .*files takes files\.\n\w+ files: The disk of .* left/m)
      assert.deepStrictEqual(readdirSync(join(files, ".part")), [])
      assert.match(
        yield* looked(folder(files), true),
        /^warning files: All servers of the database must have this folder/m
      )
      assert.match(yield* looked({ _tag: "None" }), /^ok files: There is no place for files/)
      assert.strictEqual(yield* looked({ _tag: "Memory" }), "")
    }).pipe(Effect.scoped))

  it.live("one that cannot be is told, and what to do", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      assert.match(
        yield* looked(folder(join(path, "no", "files"))),
        /^failed files: There is no directory .*no; make it/
      )
      writeFileSync(join(path, "file"), "")
      assert.match(yield* looked(folder(join(path, "file"))), /^failed files: .*file is not a folder/)
      assert.isFalse(existsSync(join(path, "no")))
    }).pipe(Effect.scoped))

  it.live.skipIf(!canMount)("a disk that is full is told", () =>
    Effect.gen(function*() {
      const disk = yield* smallDisk("1m")
      mkdirSync(join(disk, "files"))
      mkdirSync(join(disk, "files", ".part"))
      assert.match(yield* looked(folder(join(disk, "files"))), /^failed files: The disk of .* left; make room/m)
      yield* Effect.exit(Effect.try(() => writeFileSync(join(disk, "all"), Buffer.alloc(2_000_000))))
      assert.match(
        yield* looked(folder(join(disk, "files"))),
        /^failed files: The disk of .*files is full; make room\.$/m
      )
    }).pipe(Effect.scoped))

  it.live.skipIf(!hasS3Server)(
    "a bucket is asked for its time too; what it says never has credentials",
    () =>
      Effect.gen(function*() {
        const s3 = yield* startS3
        const data = join(yield* temporaryDirectory, "chat.db")
        const doctor = (bucket: string, variables: Record<string, string> = s3Variables) =>
          Effect.map(
            runCommand(["doctor", "--port", "0", "--data", data, "--files", bucket], variables),
            ({ output }) => output
          )
        const well = yield* doctor(`s3://chat?endpoint=${s3.endpoint}`)
        assert.match(well, /^ok +files +The bucket chat takes files\.$/m)
        assert.match(well, /^ok +clock +It agrees with the bucket chat to within/m)
        assert.match(
          yield* doctor(`s3://other?endpoint=${s3.endpoint}`),
          /^failed +files +The bucket other at .* is not there/m
        )
        const wrong = yield* doctor(`s3://chat?endpoint=${s3.endpoint}`, {
          ...s3Variables,
          AWS_SECRET_ACCESS_KEY: "hidden"
        })
        assert.match(
          wrong,
          /^failed +files +The bucket chat at .* refuses \(SignatureDoesNotMatch\); check the AWS cred/m
        )
        assert.notInclude(wrong, "hidden")
        const none = yield* doctor("s3://chat", { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" })
        assert.match(none, /^failed +files +A bucket needs credentials/m)
      }).pipe(Effect.scoped),
    120_000
  )

  it("room is a warning before it is none, and a second of a bucket's is a second", () => {
    assert.strictEqual(filesRoomVerdict("/f", 50_000_000).status, "failed")
    assert.strictEqual(filesRoomVerdict("/f", 500_000_000).status, "warning")
    assert.strictEqual(filesRoomVerdict("/f", 5_000_000_000).status, "ok")
    assert.strictEqual(clockOfBucket({ before: 10_400, after: 10_500, other: 10_000 }).other, 10_400)
    assert.strictEqual(clockOfBucket({ before: 12_000, after: 12_100, other: 10_000 }).other, 10_999)
    assert.strictEqual(clockOfBucket({ before: 8_000, after: 8_100, other: 10_000 }).other, 10_000)
  })
})
