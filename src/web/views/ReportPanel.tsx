/** Asks why somebody reports a message, in the place of its toolbar. */
import type { TextItem } from "../state/model.ts"
import { words } from "../words/index.ts"
import { Question } from "./groups/AskReason.tsx"
import type { MessageHandlers } from "./handlers.ts"

interface Props {
  readonly item: TextItem
  readonly handlers: Pick<MessageHandlers, "report">
  readonly onClose: () => void
}

export const ReportPanel = ({ handlers, item, onClose }: Props) => (
  <Question
    label={words.groups.report}
    question={words.groups.reportQuestion}
    onKeep={onClose}
    onSure={(reason) => {
      onClose()
      handlers.report(item, reason)
    }}
  />
)
