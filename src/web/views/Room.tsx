/** Keeps the end of a message's last line free for its time, or begins a line for it when there is no room. */

/** About as wide as these words in small letters, and a tick. */
export const roomFor = (words: string, ticked: boolean): string => `${words.length * 0.43 + (ticked ? 2.4 : 0.9)}em`

export const Room = ({ width }: { readonly width: string }) => (
  <span class="room" style={{ width }} aria-hidden="true" />
)
