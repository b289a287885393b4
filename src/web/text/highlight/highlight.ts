/** The languages whose code is coloured, and its pieces. */
import hljs from "highlight.js/lib/core"
import bash from "highlight.js/lib/languages/bash"
import c from "highlight.js/lib/languages/c"
import cpp from "highlight.js/lib/languages/cpp"
import csharp from "highlight.js/lib/languages/csharp"
import css from "highlight.js/lib/languages/css"
import diff from "highlight.js/lib/languages/diff"
import dockerfile from "highlight.js/lib/languages/dockerfile"
import go from "highlight.js/lib/languages/go"
import ini from "highlight.js/lib/languages/ini"
import java from "highlight.js/lib/languages/java"
import javascript from "highlight.js/lib/languages/javascript"
import json from "highlight.js/lib/languages/json"
import kotlin from "highlight.js/lib/languages/kotlin"
import markdown from "highlight.js/lib/languages/markdown"
import php from "highlight.js/lib/languages/php"
import python from "highlight.js/lib/languages/python"
import ruby from "highlight.js/lib/languages/ruby"
import rust from "highlight.js/lib/languages/rust"
import sql from "highlight.js/lib/languages/sql"
import swift from "highlight.js/lib/languages/swift"
import typescript from "highlight.js/lib/languages/typescript"
import xml from "highlight.js/lib/languages/xml"
import yaml from "highlight.js/lib/languages/yaml"
import type { Piece } from "./index.ts"

const languages = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  markdown,
  php,
  python,
  ruby,
  rust,
  sql,
  swift,
  typescript,
  xml,
  yaml
}

for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language)

/** The few colours that there are; kinds that are not among them are plain. */
const colours: Readonly<Record<string, string>> = {
  keyword: "keyword",
  "selector-tag": "keyword",
  tag: "keyword",
  name: "keyword",
  meta: "meta",
  comment: "comment",
  quote: "comment",
  string: "string",
  regexp: "string",
  addition: "string",
  number: "number",
  literal: "number",
  symbol: "number",
  deletion: "deletion",
  title: "title",
  section: "title",
  function: "title",
  type: "type",
  built_in: "type",
  class: "type",
  attr: "attribute",
  attribute: "attribute",
  property: "attribute",
  variable: "attribute",
  "template-variable": "attribute"
}

interface Node {
  readonly scope?: string
  readonly children: ReadonlyArray<Node | string>
}

/** Without calling itself: code of brackets is as deep as it is long. */
const flatten = (root: Node): ReadonlyArray<Piece> => {
  const pieces: Array<Piece> = []
  const open: Array<{ readonly node: Node; readonly kind: string | undefined; at: number }> = []
  open.push({ node: root, kind: undefined, at: 0 })
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const child = last.node.children[last.at++]
    if (child === undefined) open.pop()
    else if (typeof child !== "string") {
      open.push({ node: child, kind: colours[child.scope?.split(".", 1)[0] ?? ""] ?? last.kind, at: 0 })
    } else pieces.push({ text: child, ...(last.kind === undefined ? undefined : { kind: last.kind }) })
  }
  return pieces
}

/** `undefined` where the language is none of these. Its tree is read, and the HTML that it could make is never made. */
export const piecesOf = (code: string, language: string): ReadonlyArray<Piece> | undefined => {
  if (hljs.getLanguage(language) === undefined) return undefined
  const { _emitter } = hljs.highlight(code, { language, ignoreIllegals: true })
  // The library names the tree as its own matter; what it has is written in its documentation of emitters.
  return flatten((_emitter as unknown as { readonly rootNode: Node }).rootNode)
}
