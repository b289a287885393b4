/** What the operator says and takes back: messages in the name of anybody, any log, and any text gone. */
import { Clock, Context, Effect, Layer } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import { defined } from "../../domain/defined.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { type ClientId, type ConversationId, system } from "../../domain/Ids.ts"
import type { HistoryPage, MessageAccepted } from "../../domain/ServerFrame.ts"
import { AuditLog } from "../access/AuditLog.ts"
import { signedReads, signing } from "../files/signing.ts"
import { IdGenerator } from "../kernel/IdGenerator.ts"
import { Router } from "../server/Router.ts"
import { type SendOptions, ServerActor } from "../server/ServerActor.ts"
import { bounded, pageBytesOf } from "../session/pageBounds.ts"
import { askToKeep } from "../session/Requester.ts"
import { groupOf } from "../session/targets.ts"
import { traced } from "../session/TracedRequester.ts"
import { Settings } from "../Settings.ts"
import { MessageStore, type StoreError } from "../storage/MessageStore.ts"
import { MessageTraces, traceWithin } from "../telemetry/MessageTraces.ts"
import { UserNames } from "../UserNames.ts"
import { noSuchConversation } from "./noSuchConversation.ts"
import { shownConversation } from "./shownConversation.ts"

export interface PageOptions {
  readonly conversation: ConversationId
  /** Without either, the newest. */
  readonly before?: number | undefined
  readonly after?: number | undefined
  readonly limit?: number | undefined
}

const usualPage = 50

const noSuchText = () => Errors.notFound("There is no such message; only texts that are still kept can be deleted.")

export class MessageAdmin extends Context.Service<MessageAdmin, {
  /** As `ServerActor.send`, with what an operator has to know when it fails. */
  send(options: SendOptions): Effect.Effect<MessageAccepted, ChatError | StoreError>
  /** A page of a log as it is, whoever may see it; what is deleted has no text. */
  page(options: PageOptions): Effect.Effect<Omit<HistoryPage, "type" | "id">, ChatError | StoreError>
  /**
   * Deletes a text, whoever said it; members are told that `@system` has. One that is deleted already stays so. The
   * `reason` goes into the log of the server, and to nobody else.
   */
  remove(
    conversation: ConversationId,
    seq: number,
    options?: { readonly reason?: string | undefined }
  ): Effect.Effect<void, ChatError | StoreError>
}>()("switchboard/services/admin/MessageAdmin") {
  static readonly layer = Layer.effect(
    MessageAdmin,
    Effect.gen(function*() {
      const audit = yield* AuditLog
      const ids = yield* IdGenerator
      const nameOf = yield* UserNames
      const router = yield* Router
      const traces = yield* MessageTraces
      const server = yield* ServerActor
      const store = yield* MessageStore
      const shown = signedReads(store, yield* signing)
      const pageBytes = pageBytesOf((yield* Settings).maxOutboundBytes)

      /** Strangers are not told whether a group is there; the operator is. */
      const explain = Effect.fnUntraced(function*(error: ChatError, options: SendOptions) {
        const group = error.code === "not_found" ? groupOf(options) : undefined
        if (group === undefined) return yield* error
        const head = yield* store.groupHead(group)
        if (head === undefined) return yield* Errors.notFound("There is no such group; check its name.")
        if ((yield* store.membership(Conversation.group(group), options.sender)) !== undefined) return yield* error
        return yield* Errors.notAMember(`${options.sender} is not in this group; add them first.`)
      })

      const entryAt = Effect.fnUntraced(function*(conversation: ConversationId, seq: number) {
        const { entries } = yield* store.history({ conversation, after: seq - 1, limit: 1 })
        // After a place that is not kept any more a page begins with what is.
        return entries.find((entry) => entry.seq === seq)
      })

      const tellDeletion = Effect.fnUntraced(function*(conversation: ConversationId, seq: number) {
        // What names a message is good for an id of a client.
        const id = ids.messageId(yield* Clock.currentTimeMillis) as string as ClientId
        const command = { type: "delete_message", id, conversation, seq } as const
        const group = Conversation.groupOf(conversation)
        const [recipient] = Conversation.usersOf(conversation)
        if (group === undefined && recipient === undefined) return yield* noSuchConversation()
        const trace = yield* traceWithin(traces, system, command)
        return yield* askToKeep((answered) => {
          const requester = traced(answered, trace)
          return router.tellUnsafe(
            group !== undefined
              ? { _tag: "Group", group, message: { _tag: "Chat", sender: system, command, requester } }
              : {
                _tag: "UserChat",
                sender: system,
                recipient: recipient!,
                conversation,
                command,
                requester,
                byApp: true
              }
          )
        })
      })

      return MessageAdmin.of({
        send: Effect.fn("MessageAdmin.send")(function*(options) {
          const accepted = yield* Effect.catch(server.send(options), (error) => explain(error, options))
          const { conversation, duplicate, seq } = accepted
          if (duplicate !== true) {
            yield* audit.record("Admin.message_sent", {
              user: options.sender,
              conversation: shownConversation(conversation, nameOf),
              seq
            })
          }
          return accepted
        }),
        page: Effect.fn("MessageAdmin.page")(function*({ after, before, conversation, limit = usualPage }) {
          const backwards = after === undefined
          const { entries, firstSeq, hasMore, headSeq } = yield* shown.history({
            conversation,
            limit,
            ...(backwards ? { before: before ?? Number.MAX_SAFE_INTEGER } : defined({ after }))
          })
          if (headSeq === 0) return yield* noSuchConversation()
          const messages = bounded(entries, backwards, pageBytes)
          return {
            conversation,
            messages,
            has_more: hasMore || messages.length < entries.length,
            first_seq: firstSeq,
            head_seq: headSeq
          }
        }),
        remove: Effect.fn("MessageAdmin.remove")(function*(conversation, seq, { reason } = {}) {
          const entry = yield* entryAt(conversation, seq)
          if (entry?.kind !== "text") return yield* noSuchText()
          if (entry.deleted === true) return
          const { seq: place } = yield* tellDeletion(conversation, seq).pipe(
            // Somebody else was faster: it is gone, as was asked.
            Effect.catchIf(({ code }) => code === "not_found", () => Effect.succeed({ seq: 0 }))
          )
          if (place === 0) return
          yield* audit.record("Admin.message_deleted", {
            user: entry.sender,
            conversation: shownConversation(conversation, nameOf),
            seq,
            reason
          })
        })
      })
    })
  )
}
