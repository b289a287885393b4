/**
 * Beside the files of JSONTestSuite (`suite.ts`), its kinds (y_ is JSON, n_ is none, i_ is what parsers may see either way)
 * with bodies of our own. Where several of its cases try the same with other words, each word is a case here.
 */

export interface JsonCase {
  readonly name: string
  readonly kind: "y" | "n" | "i"
  readonly body: Buffer
}

/** Each character is one byte, so what is no UTF-8 can be written. */
const bytes = (text: string): Buffer => Buffer.from(text, "latin1")

const words = (text: string): ReadonlyArray<string> => text.split(" ")

const listed = (kind: JsonCase["kind"], group: string, bodies: ReadonlyArray<string>): ReadonlyArray<JsonCase> =>
  bodies.map((body, i) => ({ name: `${kind}_${group}_${i + 1} ${body.slice(0, 40)}`, kind, body: bytes(body) }))

const inArray = (values: ReadonlyArray<string>) => values.map((value) => `[${value}]`)
const inString = (values: ReadonlyArray<string>) => values.map((value) => `["${value}"]`)

const utf8 = (text: string): string => Buffer.from(text).toString("latin1")

const bom = "\xef\xbb\xbf"

const accepted: ReadonlyArray<JsonCase> = [
  ...listed("y", "array", [
    "[[]  \t ]",
    "[\"\"]",
    "[]",
    "[\"z\"\n]",
    "[null, 7, \"7\", {}, false]",
    "[7\n]",
    "  [7]",
    "[7]  ",
    "[5,null,null,6]"
  ]),
  ...listed(
    "y",
    "number",
    inArray(words("45e60 0e+2 0e3 30e1 -0 -45 -2 3E20 3E-3 3E+3 45e40 45.6e70 3e-3 3e+3 45 45.678")).concat(
      `[-0.${"0".repeat(70)}2]`,
      "[ 5]"
    )
  ),
  ...listed("y", "object", [
    "{\"q\":\"r\", \"s\":\"t\"}",
    "{\"q\":\"r\",\"q\":\"s\"}",
    "{\"q\":\"r\",\"q\":\"r\"}",
    "{}",
    "{\"\":1}",
    "{\"q\\u0000r\": 3}",
    "{ \"low\": -2.0e+27, \"high\": 2.0e+27 }",
    `{"y":[{"key": "${"z".repeat(50)}"}], "key": "${"z".repeat(50)}"}`,
    "{\"q\":[]}",
    "{\"name\":\"\\u0416\\u0443\\u043a\"}",
    "{\n\"q\": \"r\"\n}"
  ]),
  ...listed(
    "y",
    "string_escaped",
    inString([
      ...words("\\u0041\\u013b\\u13BC \\uD802\\udc38 \\ud83d\\ude3a\\ud83d\\udc8e \\\"\\\\\\/\\b\\f\\n\\r\\t"),
      ...words("\\\\u0000 \\\" \\\\b \\\\r \\u0013 \\uFFFE \\uFFFF \\uDBFF\\uDFFD q\\u00A0r \\u0000 \\u002d \\u0822"),
      ...words("\\u0124 q\\u000Ar \\u005C \\u0022 \\u200C \\u2063 \\uFDD1 \\uD83F\\uDFFF \\uA66E")
    ])
  ),
  ...listed(
    "y",
    "string",
    inString([
      "q/*r*/s//t",
      "plain ",
      "\x7f",
      ...["ρ", "￿", "\u{10ffff}", "\u{1bfff}", "\u2028", "\u2029", "⍃㈵", "£𝄟"].map(utf8)
    ])
  ),
  ...listed("y", "lonely", ["false", "true", "null", "43", "-0.2", "\"qrs\"", "\"\"", "\" \"", "[\"z\"]\n", " [true] "])
]

const refusedNumbers = words(
  "++43 +2 +Inf -02 -2.0. -3. -NaN .-2 .3e-4 0.2.3 0.4e+ 0.4e 0.e2 0E+ 0E 0e+ 0e 2.0e+ 2.0e- 2.0e 2eE3 3.e+4 3.e-4 3.e4"
).concat(
  words(
    "8.e+ Inf NaN 2+3 0x2 0x43 Infinity 0e+-2 -45.6bar -Infinity -bar -013 -.45 -2y 2eb 2. .45 2.3a-4 2.9H-300 013"
  ),
  "2 000.0",
  "- 2",
  utf8("２"),
  ..."46\xe5 2e2\xe5 2\xe5 2e\xe5".split(" ")
)

const refusedStrings = inString([
  "\\uD801\\",
  "\\uD801\\u",
  "\\uD801\\u2",
  "\\uD801\\u2y",
  "\\\0",
  "\\x01",
  "\\\\\\",
  "\\\t",
  `\\${utf8("🌁")}`,
  "\\",
  "\\u00B",
  "\\uD835\\uDe",
  "\\uD801\\uD801\\y",
  "\\u\xe5",
  "\\b\\c",
  "\\uwxyz",
  "\\\xe5",
  "q\0q",
  "q\nr",
  "\t",
  "\\UA66E"
])

const refused: ReadonlyArray<JsonCase> = [
  ...listed("n", "array", [
    ...inArray(["2 true", "b\xe5", "\"\": 2", ",2", "2,,3", "\"y\",,", "\"\",", "y", "4[5]", "\xff", "2:3", ",", "-"]),
    ...inArray(["   , \"\"", "2,", "2,,", "\"\x0bb\"\\f", "*", "fal", "nul", "tru"]),
    ..."[\"\"], [\"y\"]] [\"y\" [y [\"\" [2, [{}".split(" "),
    "[\"b\",\n5\n,2,",
    "[2,\n2\n,2"
  ]),
  ...listed("n", "number", [...inArray(refusedNumbers), "45\0"]),
  ...listed("n", "object", [
    ..."[\"y\",trueth] {[:\"y\"} {\"y\",null} {\"y\"::\"z\"} {\"b\":\"b\"45} {key:'word'} {\"\xb9\":\"1\",} {\"b\"c}"
      .split(" "),
    ..."{:\"c\"} {\"b\"\"c\"} {\"b\": {\"b\" {2:2} {8888E8888:2} {null:null,null:null} {\"q\":1,,,} {'b':1} {\"q\":1,}"
      .split(" "),
    ..."{\"b\":\"c\"}/**/ {\"b\":\"c\"}/**// {\"b\":\"c\"}// {\"b\":\"c\"}/ {\"b\":\"c\",,\"d\":\"e\"} {b:\"c\"} {\"b\":\"b"
      .split(" "),
    "{\"q\":\"r\",\"b\"}",
    "{\"b\":\"c\"}#",
    `{${utf8("🇩🇪")}}`
  ]),
  ...listed("n", "string", [
    ...refusedStrings,
    `[${utf8("ö")}]`,
    "[\\u0020\"qrs\"]",
    "[\\r]",
    "\"",
    "['one quote']",
    "qrs",
    "[\"\\",
    "\"\"y"
  ]),
  ...listed("n", "structure", [
    " ",
    "",
    bom,
    "[".repeat(90_000),
    "[{\"\":".repeat(9_000),
    "[".repeat(30_000),
    ...["[⁠]", "bæ", "ø"].map(utf8),
    ..."<.> [<null>] [2]y [2]] [\"qrs] [True] 2] {\"y\":true, [][] ] \xef\xbb{} \xe5 [ [\0] 3@ {}} {\"\": {\"b\":/*q*/\"c\"}"
      .split(" "),
    ..."[' [, [{ [\"b [\"b\" { {] {, {[ {\"b {'b' [\"\\{[\"\\{ \xe9 * {\"b\":\"c\"}#{} [\\u000B\"\"] [2 {\"qrs\":\"qrs\" [\x0c]"
      .split(" "),
    "{\"b\": true} \"y\"",
    "[ true, nul",
    "[ false, tru",
    "[ true, fals"
  ])
]

const either: ReadonlyArray<JsonCase> = [
  ...listed(
    "i",
    "number",
    inArray([
      "45.6e-700",
      `0.5e${"7".repeat(70)}`,
      "-2e+8888",
      "2.5e+8888",
      "-45e99999",
      "45e99999",
      "45e-9999999",
      `-${"45".repeat(15)}`,
      "2".padEnd(21, "0"),
      `-${"987".repeat(16)}`
    ])
  ),
  ...listed("i", "string_surrogate", [
    "{\"\\uDFAB\":1}",
    ...inString(["\\uDADB", "\\uD889\\u2345", "\\uD801\\n", "\\uDd1eb", "\\uD801\\uD801\\n", "\\ud801", "\\ud801qrs"]),
    ...inString(["\\uDd1f\\uD835", "\\uDFAB"])
  ]),
  ...listed("i", "string_not_utf8", [
    ...inString([
      "\xe6\x97\xa5\xfa",
      "\xed\xa0\x81",
      "\xfe",
      "\xe8",
      "\x82",
      "\xf4\xbf\xbf\xbe",
      "\xc0\xae",
      "\xe0\xfe"
    ]),
    ...inString(["\xfc\x83\xbf\xbf\xbf\xbe", "\xfc\x80\x80\x80\x80\x81"]),
    "\xff\xfe[\0\"\0\xe8\0\"\0]\0",
    "\0[\0\"\0\xe8\0\"\0]",
    "[\0\"\0\xe8\0\"\0]\0"
  ]),
  ...listed("i", "structure", [`${"[".repeat(600)}${"]".repeat(600)}`, `${bom}{}`])
]

export const cases: ReadonlyArray<JsonCase> = [...accepted, ...refused, ...either]
