/** The name of a file, by itself in its direction; where there is little room its end stays, which says what it is. */
import { nameParts, shownName } from "../../text/files.ts"

export const FileName = ({ name }: { readonly name: string }) => {
  const [start, end] = nameParts(name)
  return (
    <bdi class="file-name" title={shownName(name)}>
      <span class="start">{start}</span>
      {end !== "" && <span>{end}</span>}
    </bdi>
  )
}
