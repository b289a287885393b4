/** What the page offers, once and without pressing: to notify, and to be loaded anew. */
import type { Attention } from "../../app/attention.ts"
import { words } from "../../words/index.ts"
import { Icon } from "../Icon.tsx"
import { useAttention } from "./useAttention.ts"

export const Offers = (props: { readonly attention: Attention }) => {
  const attention = useAttention(props.attention)
  const { newVersion, no, question, reload, title, yes } = words.notifications
  if (attention.isOutdated()) {
    return (
      <div class="banner offer" role="region" aria-label={newVersion}>
        <Icon name="again" />
        <span role="status">{newVersion}</span>
        <button type="button" onClick={attention.reload}>{reload}</button>
      </div>
    )
  }
  if (!attention.question.isOpen) return null
  return (
    <div class="banner offer" role="region" aria-label={title}>
      <Icon name="bell" />
      <span role="status">{question}</span>
      <button type="button" onClick={() => void attention.question.yes()}>{yes}</button>
      <button type="button" class="quiet" onClick={attention.question.no}>{no}</button>
    </div>
  )
}
