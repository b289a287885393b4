/** What a client of XMPP over WebSocket (RFC 7395) says, as far as a bench needs it: to log in, to talk and to leave. */
const framing = "urn:ietf:params:xml:ns:xmpp-framing"

export const host = "localhost"

export const open = `<open xmlns="${framing}" to="${host}" version="1.0"/>`
export const close = `<close xmlns="${framing}"/>`

const presence = `<presence xmlns="jabber:client"/>`
const bind = `<iq xmlns="jabber:client" id="bind" type="set">` +
  `<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>bench</resource></bind></iq>`

const plainAuth = (user: string): string => {
  const credentials = Buffer.from(`\0${user}\0any`).toString("base64")
  return `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${credentials}</auth>`
}

/** What to say next on the way in. The server gives everybody their own presence back: then messages reach them. */
export const loginStep = (heard: string, user: string): string | "in" | undefined => {
  if (heard.includes("<mechanisms")) return plainAuth(user)
  if (heard.includes("<success")) return open
  if (heard.includes("<bind") && heard.includes("features")) return bind
  if (heard.startsWith("<iq")) return presence
  return heard.startsWith("<presence") ? "in" : undefined
}

/** Names and texts of a bench have nothing in them that XML would need escaped. */
export const message = (recipient: string, text: string, id?: string): string =>
  `<message xmlns="jabber:client" type="chat" to="${recipient}@${host}"${id === undefined ? "" : ` id="${id}"`}>` +
  `<body>${text}</body></message>`
