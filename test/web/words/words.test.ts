/** All that the page says is in the files of its languages. */
import { assert, describe, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseSync } from "rolldown/utils"
import { root } from "../../support/ServerProcess.ts"

interface Node {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"

const childrenOf = (node: Node): ReadonlyArray<Node> => Object.values(node).flat().filter(isNode)

/** What a plain `Error` says is for whoever reads the console: what is caught is told in the page's words. */
const isError = (node: Node): boolean =>
  node.type === "NewExpression" && (node["callee"] as { readonly name?: string }).name === "Error"

const everyNode = function*(node: Node): Iterable<Node> {
  if (isError(node)) return
  yield node
  for (const child of childrenOf(node)) yield* everyNode(child)
}

/** The texts that an expression may be, without those that it only asks about or hands on. */
const outcomes = (node: Node): ReadonlyArray<string> => {
  switch (node.type) {
    case "Literal":
      return typeof node["value"] === "string" ? [node["value"]] : []
    case "TemplateElement":
      return [(node["value"] as { readonly raw: string }).raw]
    case "TemplateLiteral":
    case "JSXExpressionContainer":
      return childrenOf(node).flatMap(outcomes)
    case "ConditionalExpression":
    case "LogicalExpression":
      return [node["consequent"], node["alternate"], node["left"], node["right"]].filter(isNode).flatMap(outcomes)
    default:
      return []
  }
}

/** What these attributes have is read or heard by people; `label` and `question` are those of our own views. */
const said = new Set(["aria-label", "aria-description", "title", "placeholder", "alt", "label", "question"])

const hasLetters = (text: string): boolean => /\p{L}/u.test(text)
const isSentence = (text: string): boolean => /^\p{Lu}\p{Ll}*[ ,].*\p{L}|\p{L}{2,} \p{L}+.*[.…?!]$/u.test(text)

const literalsIn = (source: string, file: string): ReadonlyArray<string> => {
  const { errors, program } = parseSync(file, source)
  assert.isEmpty(errors, file)
  return Array.from(everyNode(program as unknown as Node)).flatMap((node) => {
    switch (node.type) {
      case "JSXText":
        return [node["value"] as string].filter(hasLetters)
      case "JSXElement":
        return (node["children"] as ReadonlyArray<Node>).filter(({ type }) => type !== "JSXElement")
          .flatMap(outcomes).filter(hasLetters)
      case "JSXAttribute": {
        const { name, value } = node as unknown as { readonly name: { readonly name: string }; readonly value: unknown }
        return said.has(name.name) && isNode(value) ? outcomes(value).filter(hasLetters) : []
      }
      case "Literal":
      case "TemplateLiteral":
        return outcomes(node).filter(isSentence)
      default:
        return []
    }
  })
}

describe("the words of the page", () => {
  it("no view has words of its own, nor what is told to it", () => {
    // A worker of a browser that knows nothing any more has no language to say it in.
    const exclude = ["src/web/words/**", "src/web/worker/pushes.ts"]
    for (const file of globSync("src/web/**/*.{ts,tsx}", { cwd: root, exclude })) {
      assert.deepStrictEqual(literalsIn(readFileSync(join(root, file), "utf8"), file), [], file)
    }
  })

  it("those that are left in a view are found", () => {
    const found = (view: string) => literalsIn(`const view = ${view}`, "view.tsx")
    assert.deepStrictEqual(found("<p>Hello <b>you</b></p>"), ["Hello ", "you"])
    assert.deepStrictEqual(found("<p title={a ? 'One' : `${b} more`} class='soft' />"), ["One", " more"])
    assert.deepStrictEqual(found("<p>{a && 'One'} {b ?? words.list.files}</p>"), ["One"])
    assert.deepStrictEqual(found("() => notify('You are not connected.')"), ["You are not connected."])
    assert.deepStrictEqual(found("<p class='quiet round' aria-label={words.page.close}>{'×'}</p>"), [])
  })
})
