/** The metrics of a server: their names, what they say, and where it is read. docs/operations.md has the same names. */
import { Context, Metric } from "effect"
import { kinds } from "../../domain/entries/index.ts"
import { version } from "../../domain/version.ts"
import type { Histogram } from "./Histogram.ts"
import { type BusFigures, type Counts, mailboxes, type Meters } from "./Meters.ts"

/** What has to be waited for, as it was found last. */
export interface Collected {
  bus: BusFigures
  /** `undefined` where the system does not show a process's open files. */
  openFiles: number | undefined
}

export interface MetricsSource {
  readonly meters: Meters
  readonly collected: Collected
  /** In seconds. */
  readonly eventLoopDelay: () => number
}

type Add = (registry: Context.Context<never>) => Metric.Registration
type Labels = Readonly<Record<string, string>>

const nothing = () => {}

const optionsOf = (description: string, attributes: Labels | undefined) => ({
  description,
  ...(attributes === undefined ? undefined : { attributes })
})

const counter = (name: string, description: string, read: () => number, labels?: Labels): Add => (registry) =>
  Metric.registerUnsafe(
    Metric.counter(name, { ...optionsOf(description, labels), incremental: true }),
    registry,
    { get: () => ({ count: read(), incremental: true }), update: nothing, modify: nothing }
  )

const gauge = (name: string, description: string, read: () => number, labels?: Labels): Add => (registry) =>
  Metric.registerUnsafe(
    Metric.gauge(name, optionsOf(description, labels)),
    registry,
    { get: () => ({ value: read() }), update: nothing, modify: nothing }
  )

const histogram = (name: string, description: string, values: Histogram): Add => (registry) =>
  Metric.registerUnsafe(
    Metric.histogram(name, { description, boundaries: values.bounds }),
    registry,
    { get: () => values.state, update: nothing, modify: nothing }
  )

const counters = (
  name: string,
  description: string,
  label: string,
  counts: Pick<Counts, "names" | "of">
): ReadonlyArray<Add> =>
  counts.names.map((each) => counter(name, description, () => counts.of(each), { [label]: each }))

const messages = (meters: Meters): ReadonlyArray<Add> => [
  ...kinds.map((kind) =>
    counter(
      "switchboard_messages_accepted_total",
      "Entries that were kept, by kind; a retry of one is not counted.",
      () => meters.accepted[kind],
      { kind }
    )
  ),
  counter(
    "switchboard_deliveries_total",
    "Entries written to connections, each once for each connection that it was for.",
    () => meters.deliveries
  ),
  counter(
    "switchboard_redeliveries_total",
    "Deliveries that were read from the store, because a client came back or may have missed something.",
    () => meters.redeliveries
  ),
  ...counters("switchboard_errors_total", "Error frames to clients.", "code", meters.errors),
  histogram(
    "switchboard_accept_duration_seconds",
    "From a frame that was read to its message_accepted, which was written.",
    meters.acceptDuration
  ),
  histogram(
    "switchboard_delivery_duration_seconds",
    "From the commit of an entry here to a connection that it was written to.",
    meters.deliveryDuration
  )
]

const connections = ({ closed, gauges, refused }: Meters): ReadonlyArray<Add> => [
  gauge("switchboard_connections", "Connections of clients.", () => gauges.connections()),
  gauge("switchboard_users_online", "Users who are connected here.", () => gauges.usersOnline()),
  ...counters("switchboard_closed_total", "Connections that have ended, by close code.", "code", closed),
  ...counters("switchboard_refused_total", "Upgrades and requests that were refused, by status.", "status", refused),
  gauge("switchboard_outbound_bytes", "Bytes that wait for clients to take them.", () => gauges.outboundBytes())
]

const inside = ({ collected, eventLoopDelay, meters }: MetricsSource): ReadonlyArray<Add> => {
  const { commitDuration, commitEntries, gauges, pushes, webhookDeliveries } = meters
  return [
    histogram("switchboard_commit_duration_seconds", "How long the store takes for one transaction.", commitDuration),
    histogram("switchboard_commit_batch_entries", "Entries of one transaction, of those that have any.", commitEntries),
    ...mailboxes.map((actor) =>
      gauge(
        "switchboard_mailbox_depth",
        "Messages that wait for an actor; of users and groups, for all of them.",
        () => gauges.mailboxes[actor](),
        { actor }
      )
    ),
    gauge("switchboard_groups_active", "Groups that are in use.", () => gauges.groupsActive()),
    gauge(
      "switchboard_event_loop_delay_seconds",
      "How late the event loop was lately; the 99th percentile of the last 15 to 30 seconds.",
      eventLoopDelay
    ),
    gauge("switchboard_store_up", "Whether the store works.", () => gauges.storeIsUp() ? 1 : 0),
    gauge("switchboard_bus_up", "Whether the bus between servers works; of one alone, 1.", () =>
      collected.bus.isUp
        ? 1
        : 0),
    counter(
      "switchboard_bus_gaps_total",
      "How often the bus had lost something, which was then read from the journal.",
      () => collected.bus.gaps
    ),
    gauge("switchboard_nodes", "Servers on this database, this one among them.", () => collected.bus.nodes),
    gauge("switchboard_webhook_waiting", "Events that no webhook has taken yet.", () => gauges.webhooksWaiting()),
    ...counters("switchboard_webhook_deliveries_total", "Requests to webhooks.", "result", webhookDeliveries),
    gauge("switchboard_pushes_waiting", "Pushes that no push service has taken yet.", () => gauges.pushesWaiting()),
    ...counters("switchboard_pushes_total", "Messages to push services of browsers.", "result", pushes),
    gauge("switchboard_build_info", "The version that runs.", () => 1, { version })
  ]
}

const processes = ({ collected }: MetricsSource): ReadonlyArray<Add> => [
  gauge("process_resident_memory_bytes", "Resident memory size in bytes.", () => process.memoryUsage.rss()),
  counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", () => {
    const { system, user } = process.cpuUsage()
    return (user + system) / 1e6
  }),
  ...(collected.openFiles === undefined
    ? []
    : [gauge("process_open_fds", "Number of open file descriptors.", () => collected.openFiles ?? 0)]),
  gauge(
    "process_start_time_seconds",
    "Start time of the process since unix epoch in seconds.",
    () => performance.timeOrigin / 1_000
  )
]

/** Adds all of them to the registry. */
export const register = (
  source: MetricsSource,
  registry: Metric.MetricRegistry
): ReadonlyArray<Metric.Registration> => {
  const context = Context.make(Metric.MetricRegistry, registry)
  return [...messages(source.meters), ...connections(source.meters), ...inside(source), ...processes(source)]
    .map((add) => add(context))
}
