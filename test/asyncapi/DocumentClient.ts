/**
 * A client that knows nothing but `/asyncapi.json` of the server that it talks to: where to connect and how to say who one
 * is, which frames there are, and which answer belongs to which.
 */
import { Ajv, type ValidateFunction } from "ajv"
import { Deferred, Effect } from "effect"
import { WebSocket } from "ws"

interface Named {
  readonly $ref: string
}

interface Header {
  readonly examples?: ReadonlyArray<string>
}

export interface AsyncApiDocument {
  readonly servers: { readonly [name: string]: { readonly protocol: string; readonly pathname?: string } }
  readonly channels: {
    readonly [name: string]: {
      readonly address: string
      readonly messages: { readonly [name: string]: Named }
      readonly bindings: {
        readonly ws: { readonly headers: { readonly properties: { readonly [name: string]: Header } } }
      }
      readonly "x-close-codes": ReadonlyArray<{ readonly code: number; readonly reconnect: boolean }>
    }
  }
  readonly operations: {
    readonly [name: string]: {
      readonly action: "send" | "receive"
      readonly messages: ReadonlyArray<Named>
      readonly reply?: { readonly messages: ReadonlyArray<Named> }
    }
  }
  readonly components: {
    readonly messages: { readonly [name: string]: { readonly name: string; readonly payload: object } }
    readonly securitySchemes: {
      readonly [name: string]: {
        readonly type: string
        readonly in?: string
        readonly name?: string
        readonly scheme?: string
      }
    }
  }
}

export interface Frame {
  readonly type: string
  readonly [field: string]: any
}

const nameOf = ({ $ref }: Named): string => $ref.split("/").at(-1)!

/** What a server's document says, and whether a frame is one of its. */
export class Protocol {
  readonly #document: AsyncApiDocument
  readonly #validators = new Map<string, ValidateFunction>()
  readonly #ajv = new Ajv({ allErrors: true, strict: false })

  constructor(document: AsyncApiDocument) {
    this.#document = document
    for (const [name, { payload }] of Object.entries(document.components.messages)) {
      this.#validators.set(name, this.#ajv.compile(payload))
    }
  }

  get #channel() {
    return Object.values(this.#document.channels)[0]!
  }

  get address(): string {
    const plain = Object.values(this.#document.servers).find(({ protocol }) => protocol === "ws")!
    return `${plain.pathname ?? ""}${this.#channel.address}`
  }

  get subprotocol(): string {
    return this.#channel.bindings.ws.headers.properties["Sec-WebSocket-Protocol"]!.examples![0]!
  }

  /** How somebody says who they are: with a header of their own, or with a token. */
  headersOf(who: { readonly user: string } | { readonly token: string }): Record<string, string> {
    const schemes = Object.values(this.#document.components.securitySchemes)
    if ("token" in who) {
      const { scheme } = schemes.find(({ type }) => type === "http")!
      return { Authorization: `${scheme} ${who.token}` }
    }
    const { name } = schemes.find((each) => each.type === "httpApiKey" && each.in === "header")!
    return { [name!]: who.user }
  }

  /** The types of the frames that the server sends. */
  get serverTypes(): ReadonlyArray<string> {
    const sends = Object.values(this.#document.operations).filter(({ action }) => action === "send")
    return sends.flatMap(({ messages }) => messages.map((message) => this.#message(nameOf(message)).name))
  }

  /** Of the frames that it receives. */
  get clientTypes(): ReadonlyArray<string> {
    return this.#receives().map(({ messages }) => this.#message(nameOf(messages[0]!)).name)
  }

  #receives() {
    return Object.values(this.#document.operations).filter(({ action }) => action === "receive")
  }

  #message(name: string) {
    return this.#document.components.messages[name]!
  }

  /** What is wrong with a frame that this side sends. */
  faultOf(side: "send" | "receive", frame: Frame): string | undefined {
    const names = Object.values(this.#document.operations).filter(({ action }) => action === side).flatMap((
      { messages }
    ) => messages.map(nameOf))
    const name = names.find((each) => this.#message(each).name === frame.type)
    if (name === undefined) return `there is no frame ${frame.type}`
    const fits = this.#validators.get(name)!
    return fits(frame) ? undefined : `${JSON.stringify(frame)}: ${this.#ajv.errorsText(fits.errors)}`
  }

  /** The types of what may answer it. */
  answersOf(type: string): ReadonlyArray<string> {
    const operation = this.#receives().find(({ messages }) => this.#message(nameOf(messages[0]!)).name === type)!
    return (operation.reply?.messages ?? []).map((message) => this.#message(nameOf(message)).name)
  }

  closes(code: number): boolean {
    return this.#channel["x-close-codes"].some((each) => each.code === code)
  }
}

export const protocolAt = (port: number): Effect.Effect<Protocol> =>
  Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/asyncapi.json`)
    return new Protocol(await response.json() as AsyncApiDocument)
  })

let asked = 0

export class DocumentClient {
  readonly #ws: WebSocket
  readonly #protocol: Protocol
  readonly #waiting = new Set<() => void>()
  readonly #closed = Deferred.makeUnsafe<number>()
  readonly heard: Array<Frame> = []
  /** What came and is not as the document has it. */
  readonly faults: Array<string> = []
  readonly closed = Deferred.await(this.#closed)

  constructor(ws: WebSocket, protocol: Protocol) {
    this.#ws = ws
    this.#protocol = protocol
    ws.on("message", (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Frame
      const fault = protocol.faultOf("send", frame)
      if (fault !== undefined) this.faults.push(fault)
      this.heard.push(frame)
      for (const wake of this.#waiting) wake()
    })
    ws.on("close", (code) => Deferred.doneUnsafe(this.#closed, Effect.succeed(code)))
    ws.on("error", () => {})
  }

  end(): void {
    this.#ws.terminate()
  }

  say(frame: Frame): void {
    const fault = this.#protocol.faultOf("receive", frame)
    if (fault !== undefined) throw new Error(fault)
    this.#ws.send(JSON.stringify(frame))
  }

  /** The first frame from this place on that is like this; waits for it. */
  #find(from: number, isIt: (frame: Frame) => boolean, what: string): Effect.Effect<Frame> {
    return Effect.callback<Frame>((resume) => {
      const look = () => {
        const found = this.heard.slice(from).find(isIt)
        if (found === undefined) return
        this.#waiting.delete(look)
        resume(Effect.succeed(found))
      }
      this.#waiting.add(look)
      look()
    }).pipe(
      Effect.timeoutOrElse({
        duration: "20 seconds",
        orElse: () => Effect.die(new Error(`no ${what}; heard: ${this.heard.map(({ type }) => type).join(" ")}`))
      })
    )
  }

  hears(type: string, isIt: (frame: Frame) => boolean = () => true): Effect.Effect<Frame> {
    return this.#find(0, (frame) => frame.type === type && isIt(frame), type)
  }

  /** Says it, and waits for what the document says that it is answered with. */
  ask(type: string, fields: object = {}): Effect.Effect<Frame> {
    return Effect.suspend(() => {
      const answers = this.#protocol.answersOf(type)
      const id = `ask-${asked++}`
      const from = this.heard.length
      this.say({ type, id, ...fields })
      return this.#find(
        from,
        (frame) =>
          answers.includes(frame.type) &&
          (frame["id"] === id || frame["id"] === undefined && type === "subscribe_presence"),
        `answer to ${type} (${answers.join(", ")})`
      )
    })
  }
}

/** Opens a connection as the document says; its first frame is taken. */
export const connectAs = Effect.fnUntraced(
  function*(
    port: number,
    protocol: Protocol,
    who: Parameters<Protocol["headersOf"]>[0],
    level: "all" | "plain" = "all"
  ) {
    return yield* Effect.acquireRelease(
      Effect.callback<DocumentClient>((resume) => {
        const ws = new WebSocket(
          `ws://127.0.0.1:${port}${protocol.address}`,
          level === "all" ? [protocol.subprotocol] : [],
          { headers: protocol.headersOf(who), perMessageDeflate: false }
        )
        const client = new DocumentClient(ws, protocol)
        ws.once("open", () => resume(Effect.succeed(client)))
        ws.once("error", (error) => resume(Effect.die(error)))
        return Effect.sync(() => ws.terminate())
      }),
      (client) => Effect.sync(() => client.end())
    )
  }
)
