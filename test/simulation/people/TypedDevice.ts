/** A device with the real typed client in it, and everything that its program remembers. */
import { Effect, Scope, Stream } from "effect"
import { ChatClient, type ChatClientService } from "../../../src/client/ChatClient.ts"
import { memoryOutbox } from "../../../src/client/OutboxStorage.ts"
import { Transport } from "../../../src/client/Transport.ts"
import type { Answer, ChatEvent, ClientState, Target } from "../../../src/client/types.ts"
import type { ErrorFrame, GroupInfo, InviteInfo, MessageAccepted } from "../../../src/domain/ServerFrame.ts"
import type { Deed } from "../schedule.ts"
import { type Act, Device, type Run } from "./Device.ts"
import { simTransport } from "./simTransport.ts"

export class TypedDevice extends Device {
  readonly #outbox = memoryOutbox()
  #client: ChatClientService | undefined
  #scope = Scope.makeUnsafe()
  #run: Run = { begunAt: 0, heard: [], taken: [] }
  #runs = 0
  /** Whom it has asked last. */
  #server: string | undefined
  state: ClientState | undefined
  pending: () => number = () => 0
  #isAway = false

  get isHere(): boolean {
    return this.state?._tag === "Ready" && this.line?.isBroken === false
  }

  begin(): void {
    this.#isAway = false
    this.machine = this.around.makeMachine(`${this.label}#${++this.#runs}`, this.plan)
    this.#run = { begunAt: this.around.world.now, heard: [], taken: [] }
    this.runs.push(this.#run)
    this.#scope = Scope.makeUnsafe()
    const { machine } = this
    machine.post(() =>
      void machine.run(Effect.orDie(this.#live)).addObserver((exit) => {
        if (exit._tag === "Failure" && !machine.isDead) {
          this.around.violated("P9", "the client's program goes on", `${this.label}: ${String(exit.cause)}`)
        }
      })
    )
  }

  restart(): void {
    this.#stop()
    this.begin()
  }

  leave(millis: number): void {
    if (millis > 0) {
      // The program is closed, and opened later.
      this.#stop()
      this.#isAway = true
      this.comeAfter(millis)
    } else this.line?.cut(true, false)
  }

  come(): void {
    if (this.#isAway) this.begin()
    else this.#do((client) => client.wake)
  }

  act(deed: Act, target: Record<string, string> | undefined, seq: number): void {
    const to = target as Target
    const group = target?.["group"] ?? ""
    const { people } = this.around
    const names = (all: ReadonlyArray<number>) => [...new Set(all.map((person) => people(person)))]
    switch (deed._tag) {
      case "Say":
        return this.#say(deed.text, to, deed.reply === undefined ? undefined : seq)
      case "Edit":
        return this.#ask("edit", (client) => client.edit(to, seq, deed.text))
      case "Delete":
        return this.#ask("delete", (client) => client.delete(to, seq))
      case "React":
        return this.#ask(
          "react",
          (client) => client.react(to, seq, deed.emoji, deed.remove === true ? { remove: true } : {})
        )
      case "Read": {
        const conversation = target!["conversation"]!
        const upTo = this.#run.heard.findLast(({ frame }) =>
          "seq" in frame && "conversation" in frame && frame.conversation === conversation
        )?.frame as { readonly seq: number } | undefined
        return upTo === undefined ? undefined : this.#do((client) => client.read(conversation, upTo.seq))
      }
      case "History": {
        const asked = deed.before === true ? { before: seq } : { after: Math.max(0, seq - 3) }
        const note = this.noting(asked)
        return this.#ask("history", (client) => Effect.tap(client.history(to, { ...asked, limit: 10 }), note))
      }
      case "List":
        return this.#ask("list", (client) => client.conversations({ order: "recent", limit: 5 }))
      case "Typing":
        return this.#do((client) => client.typing(to, deed.active))
      case "Found":
        return this.#found(deed)
      case "Add":
        return this.#ask("add", (client) => client.addMembers(group, names(deed.members)))
      case "Remove":
        return this.#ask("remove", (client) => client.removeMembers(group, names(deed.members)))
      case "Ban":
        return this.#ask("ban", (client) => client.banMembers(group, names(deed.members)))
      case "Unban":
        return this.#ask("unban", (client) => client.unbanMembers(group, names(deed.members)))
      case "Leave":
        return this.#ask("leave", (client) => client.leaveGroup(group))
      case "SetRole":
        return this.#ask("role", (client) => client.setRole(group, people(deed.member), deed.role))
      case "Invite":
        return this.#invite(group, deed.uses)
      case "Join":
        return this.#ask("join", (client) => client.join(target!["invite"]!))
      case "Revoke":
        return this.#ask("revoke", (client) => client.revokeInvite(target!["invite"]!))
      case "Rename":
        return this.#ask("rename", (client) => client.renameGroup(group, deed.name))
      case "Block":
        return this.#ask("block", (client) => client.block(people(deed.person)))
      case "Unblock":
        return this.#ask("unblock", (client) => client.unblock(people(deed.person)))
      case "Watch":
      case "Unwatch":
        return this.#watch(deed._tag, names(deed.persons))
      case "Retry":
      case "Confirm":
      case "Babble":
        return
    }
  }

  /** What its server knows of these groups, as far as it is in them. */
  askGroups(groups: ReadonlyArray<string>): void {
    this.groupsTold.length = 0
    this.#do((client) =>
      Effect.forEach(
        groups,
        (group) => Effect.ignore(Effect.map(client.groupInfo(group), (info) => void this.groupsTold.push(info)))
      )
    )
  }

  #watch(tag: "Watch" | "Unwatch", users: ReadonlyArray<string>): void {
    const note = () => {
      for (const user of users) {
        if (tag === "Watch") this.watched.add(user)
        else this.watched.delete(user)
      }
    }
    // Without a program the next one begins with it.
    if (this.#client === undefined) return note()
    // What is asked for and what is known of it change in one step, whichever of two is done first.
    this.#do((client) => {
      note()
      return Effect.ignore(tag === "Watch" ? client.subscribePresence(users) : client.unsubscribePresence(users))
    })
  }

  #found({ all, members, name }: Extract<Deed, { readonly _tag: "Found" }>): void {
    const names = members.map((person) => this.around.people(person)).filter((user) => user !== this.user)
    this.#ask<GroupInfo>("found", (client) =>
      Effect.tap(
        client.createGroup(name, [...new Set(names)], { history: all ? "all" : "joined" }),
        ({ group }) => Effect.sync(() => this.around.founded(group))
      ))
  }

  #invite(group: string, uses: number | undefined): void {
    this.#ask<InviteInfo>("invite", (client) =>
      Effect.tap(
        client.createInvite(group, uses === undefined ? {} : { uses }),
        (invitation) => Effect.sync(() => this.around.invited(invitation))
      ))
  }

  #say(text: string, target: Target, replyTo: number | undefined): void {
    this.trace(`says ${JSON.stringify(text)} to ${JSON.stringify(target)}`)
    this.#do((client) => Effect.ignore(client.send(target, text, replyTo === undefined ? {} : { replyTo })))
  }

  #ask<A>(what: string, ask: (client: ChatClientService) => Answer<A>): void {
    this.#do((client) =>
      Effect.flatMap(Effect.exit(ask(client)), (exit) =>
        Effect.sync(() => {
          this.trace(`${what}: ${exit._tag === "Success" ? JSON.stringify(exit.value) : "refused"}`)
        }))
    )
  }

  #do(f: (client: ChatClientService) => Effect.Effect<unknown>): void {
    const client = this.#client
    if (client !== undefined) this.machine.post(() => void this.machine.run(f(client)))
  }

  #stop(): void {
    this.machine.crash()
    this.line?.drop()
    this.line = undefined
    this.attempt?.cancel()
    this.#client = undefined
    this.state = undefined
  }

  readonly #live = Effect.gen({ self: this }, function*() {
    const run = this.#run
    const client = yield* ChatClient.make({
      url: "ws://simulation/ws",
      credentials: { _tag: "PhoneNumber", user: this.user },
      outbox: this.#outbox,
      ...(this.device === undefined ? undefined : { device: this.device })
    }).pipe(Effect.provideService(Transport, this.#transport), Scope.provide(this.#scope))
    this.#client = client
    const context = yield* Effect.context<never>()
    this.pending = () => Effect.runSyncWith(context)(client.pending).length
    client.listenState((state) => {
      this.state = state
      if (state._tag === "Closed") this.trace(`is closed for good: ${state.reason}`)
    })
    if (this.watched.size > 0) {
      yield* Effect.forkIn(Effect.ignore(client.subscribePresence([...this.watched])), this.#scope)
    }
    yield* Effect.forkIn(
      Stream.runForEach(client.events, (event) =>
        Effect.suspend(() => {
          this.#heard(run, event)
          return this.eachMillis === 0 ? Effect.void : Effect.sleep(this.eachMillis)
        })),
      this.#scope
    )
  })

  #heard(run: Run, event: ChatEvent): void {
    const at = this.around.world.now
    this.trace(`hears ${JSON.stringify(event)}`)
    switch (event.type) {
      case "pending":
        return
      case "accepted":
        this.#answer(event.message.id, event.accepted)
        run.heard.push({ at, frame: event.pushed, own: true })
        return
      case "failed":
        return this.#answer(event.message.id, "refused")
      case "own":
        run.heard.push({ at, frame: event.pushed, own: true })
        return
      default:
        run.heard.push({ at, frame: event })
    }
  }

  /** What goes over its line is known whether or not its application has come so far. */
  readonly #transport = simTransport({
    connect: (user, end) => {
      const node = this.around.anyNode(this.node)
      this.#server = node?.machine.name
      return this.attempt = this.around.network.connect({
        client: this.machine,
        node,
        user,
        device: this.device,
        level: "v1",
        isIsolated: () => this.isIsolated,
        isStalled: () => this.isStalled,
        end
      })
    },
    opened: (line) => {
      this.trace(`is on ${this.#server}`)
      this.has(line)
    },
    said: (text) => {
      if (!text.includes("\"type\":\"chat_message\"")) return
      const { id, text: words, type: _, ...target } = JSON.parse(text) as Record<"id" | "text" | "type", string>
      if (!this.said.some((said) => said.id === id)) this.said.push({ id, key: JSON.stringify(target), text: words })
    },
    heard: (text) => {
      if (text.startsWith("{\"type\":\"message_accepted\"")) {
        const accepted = JSON.parse(text) as MessageAccepted
        this.accepted.push(accepted)
        this.#answer(accepted.id, accepted)
      } else if (text.startsWith("{\"type\":\"error\"")) {
        const { id, temporary } = JSON.parse(text) as ErrorFrame
        if (!temporary && id !== undefined) this.#answer(id, "refused")
      }
    },
    closed: (code, reason) => {
      this.trace(`closed ${code} ${reason}`)
      this.around.struck(`closed ${code}`)
    }
  })

  #answer(id: string, answer: MessageAccepted | "refused"): void {
    for (const said of this.said) if (said.id === id) said.answer = answer
  }
}
