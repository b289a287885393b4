/** A file as a file: what it is called, how large it is, and a way to have it. */
import type { Attachment } from "../../../domain/entries/Attachment.ts"
import { familyOf, safeUrl, shownName, sizeOf } from "../../text/files.ts"
import { Icon } from "../Icon.tsx"
import { FileName } from "./FileName.tsx"

interface Props {
  readonly attachment: Attachment
}

/** Without a path it is no link yet. */
export const downloadOf = ({ name, url }: Pick<Attachment, "name" | "url">) => {
  const href = safeUrl(url)
  return href === undefined ? {} : { href, download: shownName(name), rel: "noopener noreferrer" }
}

export const Download = ({ attachment, attachment: { name, size } }: Props) => (
  <a class="file" {...downloadOf(attachment)}>
    <Icon name={familyOf(name)} />
    <span>
      <FileName name={name} />
      <span class="soft">{sizeOf(size)}</span>
    </span>
    <Icon name="download" />
  </a>
)
