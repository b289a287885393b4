/** docs/protocol.md says what src/domain says. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { clientFrames } from "../../src/domain/ClientFrame.ts"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import { ErrorCode } from "../../src/domain/Errors.ts"
import { serverFrames } from "../../src/domain/ServerFrame.ts"
import { root } from "../support/ServerProcess.ts"

const page = readFileSync(`${root}docs/protocol.md`, "utf8")

const section = (title: string): string => page.split(`## ${title}\n`)[1]!.split("\n## ")[0]!

/** The rows of a section's table, without its head. */
const rows = (title: string): ReadonlyArray<ReadonlyArray<string>> =>
  section(title).split("\n").filter((line) => line.startsWith("|") && !/^[|\s:-]+$/.test(line)).slice(1)
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()))

const names = (cell: string): ReadonlyArray<string> => Array.from(cell.matchAll(/`([a-z_?]+)`/g), (match) => match[1]!)

type Fields = Record<string, { readonly ast: { readonly context?: { readonly isOptional: boolean } } }>

const fieldsOf = (schema: object): ReadonlyArray<string> =>
  Object.entries((schema as { readonly fields: Fields }).fields)
    .map(([name, field]) => field.ast.context?.isOptional === true ? `${name}?` : name)
    .filter((name) => name !== "type")

const targets = ["recipient?", "group?", "conversation?"]

describe("docs/protocol.md", () => {
  it("lists every client frame with its fields", () => {
    const documented = new Map(rows("Client frames").map(([frame, fields]) => [names(frame!)[0]!, fields!]))
    assert.sameMembers(Array.from(documented.keys()), Object.keys(clientFrames))
    for (const [type, schema] of Object.entries(clientFrames)) {
      const fields = fieldsOf(schema).filter((name) => name !== "id?")
      const cell = documented.get(type)!
      const expected = cell.startsWith("target") ? fields.filter((name) => !targets.includes(name)) : fields
      assert.sameMembers([...names(cell)], [...expected], type)
      if (cell.startsWith("target")) assert.includeMembers([...fields], targets, type)
    }
  })

  it("lists every server frame with its fields", () => {
    const documented = new Map(rows("Server frames").map(([frame, fields]) => [names(frame!)[0]!, fields!]))
    assert.sameMembers(Array.from(documented.keys()), Object.keys(serverFrames))
    for (const [type, schema] of Object.entries(serverFrames)) {
      assert.sameMembers([...names(documented.get(type)!)], [...fieldsOf(schema)], type)
    }
  })

  it("lists every error code", () => {
    assert.sameMembers([...names(section("Error codes").trim().split("\n\n")[0]!)], [...ErrorCode.literals])
  })

  it("lists every close code, its reason and whether to come back", () => {
    assert.deepStrictEqual(
      rows("Close codes").map(([code, reason, reconnect]) => [Number(code), reason, reconnect === "yes"]),
      CloseCode.all.map(({ code, reason, reconnect }) => [code, reason, reconnect])
    )
    for (const { reason } of CloseCode.all) assert.match(reason, /^[ -~]{1,32}$/)
  })
})
