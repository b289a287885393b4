/** Keeps the end of a message's last line free for its time, or begins a line for it when there is no room. */
interface Props {
  readonly words: string
  readonly ticked: boolean
}

/** About as wide as these words in small letters, and a tick. */
export const Room = ({ ticked, words }: Props) => (
  <span class="room" style={{ width: `${words.length * 0.43 + (ticked ? 2.4 : 0.9)}em` }} aria-hidden="true" />
)
