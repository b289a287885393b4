/** An app's own store need not have a `Directory`. */
import { Schema } from "effect"

export class NoDirectory extends Schema.TaggedError<NoDirectory>()("NoDirectory", {}) {}
