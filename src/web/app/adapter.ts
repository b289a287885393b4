/** A small client of the page's own, until src/client is there. */
import { SignInError } from "./auth.ts"
import type { ChatEvent, ClientState, MessageAccepted, PendingMessage, SimpleClient, Target } from "./client.ts"
import { randomName } from "./device.ts"

interface Options {
  readonly url: string
  readonly device: string
  readonly outboxKey: string
  readonly ticket: () => Promise<string>
}

type Waiter = {
  resolve: (frame: never) => void
  reject: (error: Error) => void
  frame: object
  message?: PendingMessage
}

export const connect = ({ device, outboxKey, ticket, url }: Options): SimpleClient => {
  let state: ClientState = { _tag: "Connecting" }
  let socket: WebSocket | undefined
  let attempt = 0
  let closed = false
  const states = new Set<(state: ClientState) => void>()
  const events = new Set<(event: ChatEvent) => void>()
  const waiting = new Map<string, Waiter>()
  const watched = new Set<string>()
  const pending = new Map<string, PendingMessage>(JSON.parse(localStorage.getItem(outboxKey) ?? "[]"))
  const seen = new Map<string, number>()

  const setState = (next: ClientState) => {
    state = next
    for (const listener of states) listener(next)
  }
  const emit = (event: ChatEvent) => {
    for (const listener of events) listener(event)
  }
  const store = () => localStorage.setItem(outboxKey, JSON.stringify([...pending]))
  const write = (frame: object) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }
  const ask = <A>(frame: object, message?: PendingMessage): Promise<A> =>
    new Promise<A>((resolve, reject) => {
      const id = message?.id ?? randomName()
      const asked = { ...frame, id }
      waiting.set(id, {
        resolve: resolve as never,
        reject,
        frame: asked,
        ...(message === undefined ? {} : { message })
      })
      if (state._tag === "Ready") write(asked)
    })
  const chat = (message: PendingMessage) =>
    ask<MessageAccepted>({
      type: "chat_message",
      ...message.target,
      text: message.text,
      ...(message.replyTo === undefined ? {} : { reply_to: message.replyTo })
    }, message)

  const onFrame = (frame: Record<string, unknown> & { type: string }) => {
    if (frame.type === "welcome") {
      attempt = 0
      setState({ _tag: "Ready", welcome: frame as never })
      for (const { frame } of waiting.values()) write(frame)
      if (watched.size > 0) write({ type: "subscribe_presence", users: [...watched] })
      return
    }
    if (frame.type === "draining" || frame.type === "ping" || frame.type === "pong") return
    const id = frame["id"] as string | undefined
    const waiter = id === undefined ? undefined : waiting.get(id)
    if (waiter !== undefined) {
      waiting.delete(id!)
      if (waiter.message !== undefined) {
        pending.delete(id!)
        store()
      }
      if (frame.type === "error") {
        const reason = frame["message"] as string
        if (waiter.message !== undefined) {
          emit({ type: "failed", message: waiter.message, code: frame["code"] as string, reason })
        }
        return waiter.reject(new Error(reason))
      }
      if (waiter.message !== undefined) emit({ type: "accepted", message: waiter.message, accepted: frame as never })
      return waiter.resolve(frame as never)
    }
    if (frame.type === "error" || frame.type === "message_accepted") return
    const seq = frame["seq"] as number | undefined
    if (seq !== undefined) {
      const conversation = frame["conversation"] as string
      if (seq <= (seen.get(conversation) ?? 0)) return
      seen.set(conversation, seq)
      emit(frame as never)
      return write({ type: "received", conversation, up_to: seq })
    }
    emit(frame as never)
  }

  const again = (reason: string) => {
    if (closed) return
    const delayMillis = Math.min(30_000, 500 * 2 ** attempt)
    attempt++
    setState({ _tag: "Reconnecting", attempt, delayMillis, reason })
    setTimeout(open, delayMillis)
  }
  const open = async () => {
    if (closed) return
    let value: string
    try {
      value = await ticket()
    } catch (error) {
      if (error instanceof SignInError && error.permanent) return setState({ _tag: "Closed", reason: error.message })
      return again(String(error))
    }
    const ws = new WebSocket(`${url}?ticket=${encodeURIComponent(value)}&device=${device}`, "switchboard.v1")
    socket = ws
    ws.addEventListener("message", ({ data }) => onFrame(JSON.parse(data as string)))
    ws.addEventListener("close", ({ code, reason }) => {
      if (closed) return
      if (code === 1000 || (code >= 4500 && code <= 4999)) {
        closed = true
        return setState({ _tag: "Closed", reason, code })
      }
      again(reason)
    })
  }
  addEventListener("offline", () => socket?.close(4000))
  for (const message of pending.values()) chat(message).catch(() => {})
  void open()

  const group = (type: string, name: string, rest: object) => ask<never>({ type, group: name, ...rest })
  return {
    get state() {
      return state
    },
    get pending() {
      return [...pending.values()]
    },
    onState: (listener) => {
      states.add(listener)
      listener(state)
      return () => states.delete(listener)
    },
    onEvent: (listener) => {
      events.add(listener)
      return () => events.delete(listener)
    },
    send: (target, text, options = {}) => {
      const message: PendingMessage = {
        id: options.id ?? randomName(),
        target,
        text,
        at: Date.now(),
        ...(options.replyTo === undefined ? {} : { replyTo: options.replyTo })
      }
      pending.set(message.id, message)
      store()
      emit({ type: "pending", message })
      return chat(message)
    },
    edit: (target: Target, seq, text) => ask({ type: "edit_message", ...target, seq, text }),
    delete: (target, seq) => ask({ type: "delete_message", ...target, seq }),
    react: (target, seq, emoji, options) => ask({ type: "react", ...target, seq, emoji, ...options }),
    history: (target, page) => ask({ type: "history", ...target, ...page }),
    conversations: (options) => ask({ type: "conversations", ...options }),
    receipts: (target) => ask({ type: "receipts", ...target }),
    read: (conversation, upTo) => write({ type: "read", conversation, up_to: upTo }),
    typing: (target, active) => write({ type: "typing", ...target, active }),
    createGroup: (name, members, options) => ask({ type: "create_group", name, members, ...options }),
    addMembers: (name, members) => group("add_members", name, { members }),
    removeMembers: (name, members) => group("remove_members", name, { members }),
    setRole: (name, user, role) => group("set_role", name, { user, role }),
    renameGroup: (name, to) => group("rename_group", name, { name: to }),
    leaveGroup: (name) => group("leave_group", name, {}),
    groupInfo: (name) => group("group_info", name, {}),
    subscribePresence: async (users) => {
      for (const user of users) watched.add(user)
      write({ type: "subscribe_presence", users })
    },
    unsubscribePresence: async (users) => {
      for (const user of users) watched.delete(user)
      write({ type: "unsubscribe_presence", users })
    },
    block: async (user) => (await ask<{ users: ReadonlyArray<string> }>({ type: "block", user })).users,
    unblock: async (user) => (await ask<{ users: ReadonlyArray<string> }>({ type: "unblock", user })).users,
    blockedUsers: async () => (await ask<{ users: ReadonlyArray<string> }>({ type: "blocked_users" })).users,
    close: async () => {
      closed = true
      socket?.close(1000)
    }
  }
}
