/** What somebody sees who has not talked to anybody yet. */
interface Props {
  readonly me: string
  readonly onWrite: () => void
}

export const First = ({ me, onWrite }: Props) => (
  <div class="first">
    <h2>Nobody has written to you yet</h2>
    <p>
      You are <bdi>{me}</bdi>{" "}
      here: tell others that name, or write to somebody whose name you know. They get it when they come.
    </p>
    <button type="button" class="primary" onClick={onWrite}>Write to somebody</button>
  </div>
)
