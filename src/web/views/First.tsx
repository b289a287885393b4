/** What somebody sees who has not talked to anybody yet. */
import { words } from "../words/index.ts"
interface Props {
  readonly me: string
  readonly onWrite: () => void
}

export const First = ({ me, onWrite }: Props) => (
  <div class="first">
    <h2>{words.first.nobody}</h2>
    <p>{words.first.youAre(<bdi>{me}</bdi>)}</p>
    <button type="button" class="primary" onClick={onWrite}>{words.first.write}</button>
  </div>
)
