/**
 * `npm run bench:search`: how long a search takes among 1,000 messages and among 1,000,000, on SQLite and on Postgres, for
 * somebody who is in a tenth of the conversations, and how much room the index takes. See bench/README.md.
 */
import { Effect, type Layer, Redacted } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { parseArgs } from "node:util"
import { parseQuery } from "../src/domain/search/query.ts"
import type { MessageStore, StoreError } from "../src/services/storage/MessageStore.ts"
import { PostgresMessageStore } from "../src/services/storage/PostgresMessageStore.ts"
import { Search, type SearchOptions } from "../src/services/storage/Search.ts"
import { SqliteMessageStore } from "../src/services/storage/SqliteMessageStore.ts"
import { quantile } from "./cases/case.ts"
import { Child, freePort } from "./child.ts"
import { type Database, freshDatabase, query } from "./database.ts"
import { entry } from "./entry.ts"
import { Client, frame } from "./load/Client.ts"
import { machine } from "./report.ts"
import { asker, conversationOf, texts, write } from "./search/people.ts"
import { type Kind, questions } from "./search/questions.ts"

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "1000,1000000" },
    stores: { type: "string", default: "sqlite,postgres" },
    asks: { type: "string", default: "200" },
    write: { type: "boolean", default: false }
  }
})

const asks = Number(values.asks)
const limit = 20

interface Store {
  /** How a server is told of it. */
  readonly flags: ReadonlyArray<string>
  readonly layer: Layer.Layer<MessageStore | Search, StoreError>
  /** Of the tables and indexes that only search needs. */
  readonly indexBytes: () => Promise<number>
  readonly drop: () => Promise<void>
}

const sqlite = async (): Promise<Store> => {
  const directory = mkdtempSync(join(tmpdir(), "switchboard-search-"))
  const filename = join(directory, "chat.db")
  return {
    flags: ["--store", "sqlite", "--data", filename],
    layer: SqliteMessageStore.layer({ filename }),
    indexBytes: async () => {
      const db = new DatabaseSync(filename, { readOnly: true })
      const row = db.prepare("SELECT sum(pgsize) AS bytes FROM dbstat WHERE name LIKE '%search_%'").get()
      db.close()
      return Number(row!["bytes"])
    },
    drop: async () => rmSync(directory, { recursive: true })
  }
}

const postgres = async (): Promise<Store> => {
  const database: Database = await freshDatabase()
  return {
    flags: ["--store", "postgres", "--database-url", database.url],
    layer: PostgresMessageStore.layer({ url: Redacted.make(database.url) }),
    indexBytes: async () =>
      Number((await query(database.url, "SELECT pg_total_relation_size('search_texts') AS bytes"))[0]!["bytes"]),
    drop: database.drop
  }
}

interface Figures {
  readonly p50: number
  readonly p99: number
  readonly found: number
}

/** One client, who asks again when they are answered; all pages until it is full. */
const ask = Effect.fnUntraced(function*({ queries }: Kind, options: Omit<SearchOptions, "query" | "limit">) {
  const search = yield* Search
  const times: Array<number> = []
  let found = 0
  for (const text of queries) {
    const from = performance.now()
    const page = yield* search.find({ ...options, query: parseQuery(text), limit })
    times.push(performance.now() - from)
    found += page.found.length
  }
  times.sort((a, b) => a - b)
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), found: found / queries.length }
})

/** The same of a server, over a socket: its answers have the texts, and say where the words are. */
const askServer = async (flags: ReadonlyArray<string>, kinds: ReadonlyArray<Kind>) => {
  const port = await freePort()
  const unlimited = ["--max-messages-per-second", "--max-messages-per-second-per-user"].flatMap((
    flag
  ) => [flag, "1000000"])
  const serve = [entry(), "serve", "--port", String(port), "--log-format", "json", ...unlimited, ...flags]
  const server = new Child({ argv: serve, port, core: undefined })
  await server.start()
  try {
    let answered: (answer: { readonly type: string; readonly hits?: ReadonlyArray<unknown> }) => void = () => {}
    const onText = (_: Client, payload: Buffer) => {
      const answer = JSON.parse(payload.toString()) as { readonly type: string; readonly id?: string }
      if (answer.id === "asked") answered(answer)
    }
    const client = await new Client({ port, user: asker, dialect: "v1", onText }).ready()
    const figures = new Map<string, Figures>()
    for (const { name, queries } of kinds) {
      const times: Array<number> = []
      let found = 0
      for (const query of queries) {
        const from = performance.now()
        const answer = await new Promise<Parameters<typeof answered>[0]>((resolve) => {
          answered = resolve
          client.socket.write(frame(JSON.stringify({ type: "search", id: "asked", query, limit })))
        })
        times.push(performance.now() - from)
        if (answer.type !== "search_result") throw new Error(`A search was answered with ${JSON.stringify(answer)}`)
        found += answer.hits?.length ?? 0
      }
      times.sort((a, b) => a - b)
      figures.set(`${name}, over a socket`, {
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
        found: found / queries.length
      })
    }
    client.close()
    return figures
  } finally {
    await server.dispose()
  }
}

const measure = Effect.fnUntraced(function*(count: number) {
  const all = texts(count)
  const from = performance.now()
  yield* write(all)
  process.stderr.write(`written in ${Math.round((performance.now() - from) / 1_000)} s\n`)
  const kinds = questions(all, asks)
  const figures = new Map<string, Figures>()
  for (const kind of kinds) {
    // What was never asked for is not in a cache yet, which is no part of what is measured.
    yield* ask({ ...kind, queries: kind.queries.slice(0, 20) }, { user: asker })
    const measured = yield* ask(kind, { user: asker })
    figures.set(kind.name, measured)
    process.stderr.write(`${count} ${kind.name} ${JSON.stringify(measured)}\n`)
  }
  for (const kind of kinds.slice(0, 4)) {
    const name = `${kind.name}, in one conversation`
    figures.set(name, yield* ask(kind, { user: asker, conversation: conversationOf(0) }))
    process.stderr.write(`${count} ${name} ${JSON.stringify(figures.get(name))}\n`)
  }
  return { figures, kinds }
})

const lines: Array<string> = [
  "| store | messages | question | p50 ms | p99 ms | found |",
  "| --- | --- | --- | --- | --- | --- |"
]
const sizes: Array<string> = []
for (const name of values.stores.split(",")) {
  for (const count of values.messages.split(",").map(Number)) {
    const store = await (name === "sqlite" ? sqlite() : postgres())
    try {
      const { figures, kinds } = await Effect.runPromise(Effect.provide(measure(count), store.layer))
      const overSocket = await askServer(store.flags, kinds)
      for (const [question, { found, p50, p99 }] of [...figures, ...overSocket]) {
        lines.push(
          `| ${name} | ${count.toLocaleString("en-US")} | ${question} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${
            found.toFixed(1)
          } |`
        )
      }
      const bytes = await store.indexBytes()
      sizes.push(
        `${name}, ${count.toLocaleString("en-US")} messages: ${Math.round(bytes / count)} bytes of index each.`
      )
    } finally {
      await store.drop()
    }
  }
}

const about = machine()
const markdown = [
  `# Search: ${about.day}, commit ${about.commit}`,
  "",
  `${about.cpu}, ${about.cores} cores, ${about.memoryGiB} GiB, Linux ${about.kernel}, Node ${about.node}; ${asks} questions of`,
  `each kind by one client through the service, ${limit} hits at most. The asker is in one of ten conversations of a hundred`,
  "messages each; texts have about eleven words, by Zipf's law of a vocabulary of 50,000.",
  "",
  ...lines,
  "",
  ...sizes,
  ""
].join("\n")
process.stdout.write(markdown)
if (values.write) {
  writeFileSync(
    new URL(`results/${about.day}-search-${about.commit.replace("+", "-dirty")}.md`, import.meta.url),
    markdown
  )
}
