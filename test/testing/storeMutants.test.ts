/** `messageStoreContract` catches who breaks a law. */
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { messageStoreContract } from "../../src/testing/index.ts"
import { kit } from "./caught.ts"
import { groups, moderation, operator } from "./mutants/store/groups.ts"
import { cursors, erasures, exports, lists, relations } from "./mutants/store/people.ts"
import { log, retention, retries, words } from "./mutants/store/words.ts"

kit("messageStoreContract", messageStoreContract, {
  ...retention,
  ...words,
  ...log,
  ...retries,
  ...cursors,
  ...lists,
  ...groups,
  ...moderation,
  ...operator,
  ...relations,
  ...erasures,
  ...exports
}, MemoryMessageStore.layer())
