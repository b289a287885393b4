/** The WebSocket side as AsyncAPI 3.0 has it, made of the schemas of the frames. `Api` is the HTTP side. */
import { JsonSchema, Schema } from "effect"
import { clientFrames } from "../../domain/ClientFrame.ts"
import * as CloseCode from "../../domain/CloseCode.ts"
import { answerOf } from "../../domain/frames/index.ts"
import { DeviceId, UserId } from "../../domain/Ids.ts"
import { serverFrames } from "../../domain/ServerFrame.ts"
import { version } from "../../domain/version.ts"
import { subprotocol } from "../transport/Gateway.ts"

type ClientType = keyof typeof clientFrames
type ServerType = keyof typeof serverFrames

/** What a frame is answered with; beside it, or instead, there may be an `error`. */
const answers: { readonly [Type in ClientType]: ServerType | undefined } = {
  chat_message: "message_accepted",
  edit_message: "message_accepted",
  delete_message: "message_accepted",
  react: "message_accepted",
  create_group: "group_info",
  add_members: "group_info",
  remove_members: "group_info",
  set_role: "group_info",
  rename_group: "group_info",
  leave_group: "group_info",
  set_group: "group_info",
  ban_members: "group_info",
  unban_members: "group_info",
  join: "group_info",
  received: undefined,
  read: undefined,
  history: "history_page",
  conversations: "conversation_list",
  receipts: "receipt_list",
  search: "search_result",
  typing: undefined,
  group_info: "group_info",
  subscribe_presence: "presence",
  unsubscribe_presence: undefined,
  block: "blocked_users",
  unblock: "blocked_users",
  blocked_users: "blocked_users",
  refresh_auth: "authenticated",
  ...answerOf,
  ping: "pong"
}

type Json = { readonly [name: string]: unknown }

/** Draft 7 is what AsyncAPI reads without being told. None of these has definitions of its own. */
const schemaOf = (schema: Schema.Constraint): Json =>
  JsonSchema.toDocumentDraft07(Schema.toJsonSchemaDocument(schema, { generateDescriptions: true })).schema

const targets = ["recipient", "group", "conversation"]

/** To look everywhere is to name no conversation. */
const targetsOf = (schema: Schema.Constraint): ReadonlyArray<Json> => {
  const one = targets.map((name) => ({ required: [name] }))
  return schema === clientFrames.search ? [...one, { not: { anyOf: one } }] : one
}

/** The codec checks the targets beside the schema, so that two of them have a code of their own. */
const payloadOf = (schema: Schema.Constraint & { readonly fields: object }): Json =>
  targets.every((name) => name in schema.fields)
    ? { allOf: [schemaOf(schema), { oneOf: targetsOf(schema) }] }
    : schemaOf(schema)

const named = <Value>(
  side: "client" | "server",
  frames: { readonly [type: string]: Schema.Constraint & { readonly fields: object } },
  of: (type: string, schema: Schema.Constraint & { readonly fields: object }) => Value
): { readonly [name: string]: Value } =>
  Object.fromEntries(Object.entries(frames).map(([type, schema]) => [`${side}_${type}`, of(type, schema)]))

const message = (type: string, schema: Schema.Constraint & { readonly fields: object }): Json => ({
  name: type,
  title: type,
  contentType: "application/json",
  payload: payloadOf(schema)
})

const clientNames = Object.keys(clientFrames).map((type) => `client_${type}`)
const serverNames = Object.keys(serverFrames).map((type) => `server_${type}`)

const inChannel = (name: string) => ({ $ref: `#/channels/chat/messages/${name}` })

const replyOf = (answer: ServerType | undefined) => ({
  channel: { $ref: "#/channels/chat" },
  messages: [...(answer === undefined ? [] : [`server_${answer}`]), "server_error"].map(inChannel)
})

/** What the server does: it receives each frame of a client, and sends its own. */
const operations = (): Json => ({
  ...named("client", clientFrames, (type) => ({
    action: "receive",
    channel: { $ref: "#/channels/chat" },
    messages: [inChannel(`client_${type}`)],
    // The keys of `clientFrames`, which `Object.entries` forgets.
    reply: replyOf(answers[type as ClientType])
  })),
  push: {
    action: "send",
    channel: { $ref: "#/channels/chat" },
    messages: serverNames.map(inChannel)
  }
})

const handshake = (): Json => ({
  method: "GET",
  query: {
    type: "object",
    properties: {
      device: { ...schemaOf(DeviceId), description: "Names the device; without it a connection is nameless." },
      ticket: { type: "string", description: "From POST /v1/tickets, for browsers: of one use." }
    }
  },
  headers: {
    type: "object",
    properties: {
      "Phone-Number": { ...schemaOf(UserId), description: "Who one is, where the server's mode is phone-header." },
      Authorization: { type: "string", description: "Bearer <token>, where its mode is jwt." },
      "Sec-WebSocket-Protocol": {
        type: "string",
        description: `${subprotocol} for all frames, without it the plain level; bearer.<token> beside it is a token.`,
        examples: [subprotocol]
      }
    }
  },
  bindingVersion: "0.1.0"
})

const closeCodes = CloseCode.all.map(({ code, reason, reconnect }) => ({ code, reason, reconnect }))

const channel = (): Json => ({
  address: "/ws",
  title: "The chat",
  description: [
    `One JSON object per text frame. At the level of the subprotocol ${subprotocol} the first frame of the server is`,
    "`welcome`, and everything is pushed; at the plain level the server pushes `incoming_message` and answers what is",
    "asked. Unknown fields are ignored, and frames may gain fields. `x-close-codes` says why a connection ends, and",
    "whether to come back."
  ].join(" "),
  messages: Object.fromEntries(
    [...clientNames, ...serverNames].map((name) => [name, { $ref: `#/components/messages/${name}` }])
  ),
  bindings: { ws: handshake() },
  "x-close-codes": closeCodes
})

const schemes: Json = {
  phoneNumber: { type: "httpApiKey", in: "header", name: "Phone-Number" },
  token: { type: "http", scheme: "bearer" },
  ticket: { type: "httpApiKey", in: "query", name: "ticket" }
}

const serverAt = (base: string, protocol: "ws" | "wss"): Json => ({
  host: "{host}",
  ...(base === "" ? undefined : { pathname: base }),
  protocol,
  variables: {
    host: { default: "localhost:8080", description: "Name and port of the server, or of a proxy before it." }
  },
  security: Object.keys(schemes).map((name) => ({ $ref: `#/components/securitySchemes/${name}` }))
})

/** The whole document, for a chat under this path. It takes some milliseconds to make. */
export const asyncApi = (base: string): Json => ({
  asyncapi: "3.0.0",
  info: {
    title: "Switchboard",
    version,
    description: "The WebSocket side of the chat. The HTTP side is in /openapi.json.",
    license: { name: "MIT" }
  },
  defaultContentType: "application/json",
  servers: { plain: serverAt(base, "ws"), tls: serverAt(base, "wss") },
  channels: { chat: channel() },
  operations: operations(),
  components: {
    messages: { ...named("client", clientFrames, message), ...named("server", serverFrames, message) },
    securitySchemes: schemes
  }
})
