/** The blocks of somebody who need not be here, as the store has just said them. */
import { Effect } from "effect"
import { type BlockSpan, Spans } from "../../domain/blockSpans.ts"

export const knownBlocks = (blocks: ReadonlyArray<BlockSpan>) => {
  const spans = new Spans(blocks)
  return { known: () => Effect.void, withholds: (said: Parameters<Spans["withholds"]>[0]) => spans.withholds(said) }
}
