/** Which texts have the words, and in which order and pages they come. */
import { Array as Arr, Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { commit, text } from "../contract/commands.ts"
import { findAll, type SearchCase, searchCase, textsFound } from "./SearchCase.ts"

export const found: ReadonlyArray<SearchCase> = [
  searchCase("a text is found by each of its words, by their beginning, without case and accents", function*(names) {
    const { alice, bob, conversation } = names
    yield* commit(
      text(bob, conversation, "The Crème brûlée is in the fridge", { at: 1 }),
      text(alice, conversation, "thanks!", { at: 2 })
    )
    for (const query of ["the", "creme", "BRULEE", "brûl", "c", "Fridge", "in the", "fridge creme", "is, the…"]) {
      assert.deepEqual(yield* textsFound(query, alice), ["The Crème brûlée is in the fridge"], query)
    }
    for (const query of ["ridge", "remember", "creme cake", "the thanks", "brulees"]) {
      assert.deepEqual(yield* textsFound(query, alice), [], query)
    }
  }),

  searchCase("words in quotes are found whole and one after the other", function*({ alice, bob, conversation }) {
    yield* commit(
      text(bob, conversation, "green tea with milk", { at: 1 }),
      text(bob, conversation, "tea green", { at: 2 }),
      text(bob, conversation, "green teapots", { at: 3 })
    )
    assert.deepEqual(yield* textsFound("\"green tea\"", alice), ["green tea with milk"])
    assert.deepEqual(yield* textsFound("\"green tea\" mil", alice), ["green tea with milk"])
    assert.deepEqual(yield* textsFound("\"tea\"", alice), ["tea green", "green tea with milk"])
    assert.deepEqual(yield* textsFound("green tea", alice), ["green teapots", "tea green", "green tea with milk"])
  }),

  searchCase("scripts without spaces are found by two characters and more", function*({ alice, bob, conversation }) {
    const texts = [
      "東京都に住んでいます",
      "京都へ行く",
      "안녕하세요 여러분",
      "ฉันชอบชา",
      "привет, мир",
      "مَرْحَبًا بالعالم",
      "नमस्ते दुनिया"
    ]
    yield* commit(...texts.map((body, at) => text(bob, conversation, body, { at: at + 1 })))
    const expected: ReadonlyArray<readonly [string, ReadonlyArray<number>]> = [
      ["京都", [1, 0]],
      ["東京", [0]],
      ["東京都", [0]],
      ["都京", []],
      ["녕하", [2]],
      ["ชอบ", [3]],
      ["Привет", [4]],
      ["مرحبا", [5]],
      ["नमस्ते", [6]]
    ]
    for (const [query, places] of expected) {
      assert.deepEqual(yield* textsFound(query, alice), places.map((place) => texts[place]), query)
    }
  }),

  searchCase(
    "the newest come first, also across conversations and at the same time, and no page repeats",
    function*(names) {
      const { alice, bob, carol, conversation } = names
      const other = Conversation.direct(alice, carol)
      yield* commit(
        ...Arr.range(1, 60).flatMap((i) => [
          text(bob, conversation, `tea ${i}`, { at: 1_000 + Math.floor(i / 7) }),
          text(carol, other, `tea and cake ${i}`, { at: 1_000 + (i * 31) % 17 })
        ])
      )
      const all = yield* findAll("tea", { user: alice }, 200)
      assert.equal(all.length, 120)
      for (const limit of [1, 7, 59, 60, 61, 119, 120]) {
        assert.deepEqual(yield* findAll("tea", { user: alice }, limit), all, String(limit))
      }
      assert.equal((yield* findAll("cake", { user: alice }, 13)).length, 60)
    }
  ),

  searchCase(
    "a sender, a time, a conversation and what comes with a text narrow it down, also without words",
    function*(names) {
      const { alice, bob, carol, conversation } = names
      const other = Conversation.direct(alice, carol)
      yield* commit(
        text(alice, conversation, "one https://example.org/tea", { at: 10 }),
        text(bob, conversation, "two tea", { at: 20 }),
        text(carol, other, "three tea HTTP://EXAMPLE.ORG", { at: 30 }),
        text(bob, conversation, "four", { at: 40 })
      )
      const firstWords = (query: string, asked: Parameters<typeof textsFound>[2]) =>
        Effect.map(textsFound(query, alice, asked), (texts) => texts.map((body) => body?.split(" ")[0]))
      assert.deepEqual(yield* firstWords("", { sender: bob }), ["four", "two"])
      assert.deepEqual(yield* firstWords("tea", { sender: bob }), ["two"])
      assert.deepEqual(yield* firstWords("", { has: "link" }), ["three", "one"])
      assert.deepEqual(yield* firstWords("", { has: "file" }), [])
      assert.deepEqual(yield* firstWords("tea", { has: "link", conversation }), ["one"])
      assert.deepEqual(yield* firstWords("", { afterAt: 10, beforeAt: 40 }), ["three", "two"])
      assert.deepEqual(yield* firstWords("tea", { afterAt: 9, beforeAt: 11 }), ["one"])
      assert.deepEqual(yield* firstWords("tea", { conversation: other }), ["three"])
      assert.deepEqual(yield* firstWords("tea", { conversation, sender: carol }), [])
    }
  ),

  searchCase("whatever is asked is answered, and finds nothing that has not all of its words", function*(names) {
    const { alice, bob, conversation } = names
    yield* commit(text(bob, conversation, "a NEAR b OR c AND d* NOT \"e\" % _ \\ 'f' -- ;", { at: 1 }))
    const long = "a".repeat(10_000)
    const queries = [
      "%",
      "_",
      "*",
      "a*",
      "\"",
      "\"\"\"",
      "NEAR(a b)",
      "a AND b",
      "b OR c",
      "NOT e",
      "-a",
      "^a",
      "{a b}: c",
      "a:b",
      "'; DROP TABLE entries; --",
      "\ud800",
      "a \udfff",
      "\u0000",
      long,
      `${long} ${long}`,
      "(((((",
      "\\",
      "a\u0000b",
      "\uE000"
    ]
    for (const query of queries) yield* findAll(query, { user: alice })
    assert.equal((yield* textsFound("a near b or c", alice)).length, 1)
    assert.equal((yield* textsFound("z* OR a", alice)).length, 0)
    assert.equal((yield* textsFound(`${long} near`, alice)).length, 0)
    assert.equal((yield* textsFound(Arr.range(1, 5_000).map((i) => `w${i}`).join(" "), alice)).length, 0)
  })
]
