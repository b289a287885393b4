/** A button for what cannot be undone: it asks once more, in its own place, and the focus stays there. */
import { words } from "../words/index.ts"
import { focus, InPlace, type InPlaceProps, keepingOnEscape } from "./InPlace.tsx"

interface Props extends InPlaceProps {
  readonly question: string
  readonly onSure: () => void
}

export const Sure = ({ onSure, question, ...button }: Props) => (
  <InPlace
    {...button}
    ask={(done) => (
      <span class="sure" role="group" aria-label={question} onKeyDown={keepingOnEscape(done)}>
        <span>{question}</span>
        <button ref={focus} type="button" onClick={done}>{words.page.keep}</button>
        <button
          type="button"
          class="danger"
          onClick={() => {
            done()
            onSure()
          }}
        >
          {button.label}
        </button>
      </span>
    )}
  />
)
