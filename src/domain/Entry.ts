/** A conversation is a log; this is what its entries look like to those who may read it. */
export { DeleteEntry } from "./entries/Delete.ts"
export { EditEntry } from "./entries/Edit.ts"
export { GroupChange, GroupEntry, GroupHistory, Member, Role } from "./entries/Group.ts"
export { Entry } from "./entries/index.ts"
export { ReactionEntry } from "./entries/Reaction.ts"
export { TextEntry } from "./entries/Text.ts"
