/** A button for what one should have a reason for: it asks in its own place, and a reason need not be given. */
import { useId, useState } from "preact/hooks"
import { words } from "../../words/index.ts"
import { Form } from "../Form.tsx"
import { focus, InPlace, type InPlaceProps, keepingOnEscape } from "../InPlace.tsx"

interface QuestionProps {
  readonly label: string
  readonly question: string
  /** Something more that can be asked for with it. */
  readonly more?: string | undefined
  readonly onSure: (reason: string, more: boolean) => void
  readonly onKeep: () => void
}

const longestReason = 200

export const Question = ({ label, more, onKeep, onSure, question }: QuestionProps) => {
  const id = useId()
  const [reason, setReason] = useState("")
  const [isMore, setMore] = useState(false)
  return (
    <div class="ask" role="group" aria-label={question} onKeyDown={keepingOnEscape(onKeep)}>
      <Form onSubmit={() => onSure(reason, isMore)}>
        <p>{question}</p>
        <label for={id}>{words.groups.reason}</label>
        <input
          ref={focus}
          id={id}
          type="text"
          dir="auto"
          autocomplete="off"
          maxlength={longestReason}
          placeholder={words.groups.reasonHint}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
        {more !== undefined && (
          <label class="check">
            <input type="checkbox" checked={isMore} onChange={(event) => setMore(event.currentTarget.checked)} />
            {more}
          </label>
        )}
        <div class="ask-buttons">
          <button type="button" onClick={onKeep}>{words.page.keep}</button>
          <button type="submit" class="danger">{label}</button>
        </div>
      </Form>
    </div>
  )
}

type Props = InPlaceProps & Omit<QuestionProps, "onKeep">

export const AskReason = ({ more, onSure, question, ...button }: Props) => (
  <InPlace
    {...button}
    ask={(done) => (
      <Question
        label={button.label}
        question={question}
        more={more}
        onKeep={done}
        onSure={(reason, isMore) => {
          done()
          onSure(reason, isMore)
        }}
      />
    )}
  />
)
