/** What else the tables of a log are, in both SQL stores: search each has of its own. */
import { Context, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Directory } from "./Directory.ts"
import { FileRecords } from "./FileRecords.ts"
import { Invites } from "./Invites.ts"
import { MessageStore } from "./MessageStore.ts"
import { Preferences } from "./Preferences.ts"
import { PushRecords } from "./PushRecords.ts"
import { Reports } from "./Reports.ts"
import { Search } from "./Search.ts"
import { ServerKeys } from "./ServerKeys.ts"
import * as SqlDirectory from "./sqlDirectory.ts"
import * as sqlFiles from "./sqlFiles.ts"
import * as sqlInvites from "./sqlInvites.ts"
import * as sqlPreferences from "./sqlPreferences.ts"
import * as sqlPushRecords from "./sqlPushRecords.ts"
import * as sqlReports from "./sqlReports.ts"
import * as sqlServerKeys from "./sqlServerKeys.ts"
import * as sqlSubscriptions from "./sqlSubscriptions.ts"
import type { StoreParts } from "./StoreParts.ts"
import { Subscriptions } from "./Subscriptions.ts"

/** The store and all that comes with it. */
export const withParts = Effect.fnUntraced(function*(store: MessageStore["Service"], search: Search["Service"]) {
  const sql = yield* SqlClient.SqlClient
  const all: Context.Context<MessageStore | StoreParts> = Context.make(MessageStore, store).pipe(
    Context.add(Directory, yield* SqlDirectory.make),
    Context.add(FileRecords, sqlFiles.make(sql)),
    Context.add(Invites, sqlInvites.make(sql)),
    Context.add(Preferences, sqlPreferences.make(sql)),
    Context.add(PushRecords, sqlPushRecords.make(sql)),
    Context.add(Reports, sqlReports.make(sql)),
    Context.add(Search, search),
    Context.add(ServerKeys, sqlServerKeys.make(sql)),
    Context.add(Subscriptions, sqlSubscriptions.make(sql))
  )
  return all
})
