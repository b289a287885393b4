/** Names in a text that it means stand out, one's own the most. */
import type { ComponentChildren } from "preact"
import { useCallback } from "preact/hooks"
import { everybody } from "../../../domain/entries/Mentions.ts"
import { mentionSpans } from "../../state/mentions.ts"
import { classes } from "../classes.ts"
import { useNames } from "../people/names.tsx"

/** What `RichText` draws plain text with. */
export const useMark = (mentions: ReadonlyArray<string> | undefined, me: string) => {
  const names = useNames()
  const mark = useCallback((text: string): ComponentChildren => {
    const spans = mentionSpans(text, mentions, names)
    if (spans.length === 0) return text
    return [
      ...spans.flatMap(({ from, to, user }, index) => [
        text.slice(spans[index - 1]?.to ?? 0, from),
        <bdi
          key={from}
          class={classes({ mention: true, mine: user === me || user === everybody })}
          title={user === everybody ? undefined : user}
        >
          {text.slice(from, to)}
        </bdi>
      ]),
      text.slice(spans.at(-1)!.to)
    ]
  }, [mentions, me, names])
  return mentions === undefined ? undefined : mark
}
