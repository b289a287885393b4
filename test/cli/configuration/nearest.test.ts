import { assert, describe, it } from "@effect/vitest"
import { nearest } from "../../../src/cli/configuration/nearest.ts"

const known = ["port", "host", "max-frame-bytes", "max-text-bytes", "no-web", "jwt-secret", "trusted-proxy"]

describe("the nearest name", () => {
  const cases: ReadonlyArray<readonly [string, string | undefined]> = [
    ["max-frame-byte", "max-frame-bytes"],
    ["max_frame_bytes", "max-frame-bytes"],
    ["maxFrameBytes", "max-frame-bytes"],
    ["--max-frame-bytes", "max-frame-bytes"],
    ["MAX_TXT_BYTES", "max-text-bytes"],
    ["prot", "port"],
    ["web", "no-web"],
    ["jwt-secrets", "jwt-secret"],
    ["trusted-proxies", "trusted-proxy"],
    ["xy", undefined],
    ["", undefined],
    ["---", undefined],
    ["constructor", undefined],
    ["__proto__", undefined],
    ["x".repeat(100_000), undefined]
  ]
  for (const [name, meant] of cases) {
    it(name.slice(0, 20), () => assert.strictEqual(nearest(name, known), meant))
  }
})
