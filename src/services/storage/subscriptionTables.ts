/** The tables of those who follow the log (`Subscriptions.ts`). */
import type { Dialect } from "./Dialect.ts"

export const subscriptionTables = ({ int, name, ordered }: Dialect): ReadonlyArray<string> => [
  `CREATE TABLE subscriptions (
    name ${name} PRIMARY KEY NOT NULL,
    ready ${int} NOT NULL DEFAULT 0,
    holder text,
    expires_at ${int} NOT NULL DEFAULT 0,
    stopped text
  )${ordered}`,
  `CREATE TABLE subscription_positions (
    name ${name} NOT NULL,
    conversation ${name} NOT NULL,
    seq ${int} NOT NULL,
    PRIMARY KEY (name, conversation)
  )${ordered}`,
  // Without a user it is for nobody in particular; a key has no NULL.
  `CREATE TABLE subscription_events (
    name ${name} NOT NULL,
    conversation ${name} NOT NULL,
    seq ${int} NOT NULL,
    user_id ${name} NOT NULL,
    state text NOT NULL,
    attempts ${int} NOT NULL,
    error text NOT NULL,
    first_at ${int} NOT NULL,
    next_at ${int},
    PRIMARY KEY (name, conversation, seq, user_id)
  )${ordered}`,
  `CREATE INDEX subscription_events_due ON subscription_events (name, next_at) WHERE next_at IS NOT NULL`,
  `CREATE INDEX subscription_events_failed ON subscription_events (name, first_at) WHERE state = 'failed'`,
  `CREATE INDEX subscription_events_by_user ON subscription_events (user_id) WHERE user_id <> ''`
]
