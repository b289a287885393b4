/** How a group is shown: its picture, its name and what it is about. */
import { useState } from "preact/hooks"
import type { Conversation } from "../../state/model.ts"
import { words } from "../../words/index.ts"
import { Form } from "../Form.tsx"
import type { SignedIn } from "../handlers.ts"
import { ConversationMark } from "../people/Mark.tsx"
import { PictureField } from "../people/PictureField.tsx"

interface Props extends SignedIn {
  readonly conversation: Conversation
}

const longestDescription = 500

const Rename = ({ name, onRename }: { readonly name: string; readonly onRename: (name: string) => void }) => {
  const [text, setText] = useState(name)
  const isNew = text.trim() !== "" && text.trim() !== name
  return (
    <Form class="inline" onSubmit={() => isNew && onRename(text.trim())}>
      <label for="rename">{words.begin.groupName}</label>
      <div>
        <input
          id="rename"
          type="text"
          dir="auto"
          autocomplete="off"
          maxlength={100}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={!isNew}>{words.details.rename}</button>
      </div>
    </Form>
  )
}

const Describe = ({ description, onDescribe }: {
  readonly description: string
  readonly onDescribe: (description: string) => void
}) => {
  const [text, setText] = useState(description)
  const isNew = text.trim() !== description
  return (
    <Form class="inline" onSubmit={() => isNew && onDescribe(text.trim())}>
      <label for="describe">{words.groups.description}</label>
      <textarea
        id="describe"
        class="described"
        dir="auto"
        rows={2}
        maxlength={longestDescription}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {isNew && <button type="submit">{words.groups.describe}</button>}
    </Form>
  )
}

/** Of its owners and admins. */
export const EditGroup = ({ conversation, session }: Props) => {
  const { info, name, picture, with: group } = conversation
  const description = info?.description ?? ""
  const choose = async (file: Blob) => {
    const avatar = await session.uploadPicture(file)
    if (avatar !== undefined) await session.setGroup(group, { avatar })
  }
  return (
    <>
      <PictureField
        there={picture !== undefined}
        onChoose={choose}
        onRemove={() => session.setGroup(group, { avatar: "" })}
      >
        <ConversationMark conversation={conversation} />
      </PictureField>
      <Rename key={`name ${name}`} name={name} onRename={(name) => void session.renameGroup(group, name)} />
      <Describe
        key={`about ${description}`}
        description={description}
        onDescribe={(description) => void session.setGroup(group, { description })}
      />
    </>
  )
}

/** Of everybody else. */
export const ShowGroup = ({ conversation }: Pick<Props, "conversation">) => (
  <div class="person">
    <ConversationMark conversation={conversation} />
    <p class="group-name" dir="auto">{conversation.name}</p>
    {conversation.info?.description !== undefined && (
      <p class="soft self-text" dir="auto">{conversation.info.description}</p>
    )}
  </div>
)
