/** The refusals that a group's actor gives in several places. */
import type { ChatError } from "../../domain/Errors.ts"
import * as Errors from "../../domain/Errors.ts"
import type { StoreError } from "../storage/MessageStore.ts"

export const groupLost = () => Errors.unavailable("The group cannot be used at the moment; send it again.", 1_000)

export const groupBusy = () =>
  Errors.overloaded("The group is busy; send it again with the same id in a moment.", 1_000)

export const tooManyQuestions = () =>
  Errors.overloaded("You ask about groups faster than they can be looked up; ask again in a moment.", 1_000)

/** Whoever asks to come in has come in already, by another server. */
export const isInAlready = (error: ChatError | StoreError): boolean =>
  error._tag === "ChatError" && error.code === "invalid_target"
