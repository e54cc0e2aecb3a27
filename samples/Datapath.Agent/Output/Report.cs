using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Datapath.Agent.Output;

/// <summary>A service, as lists show it.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Condition">What became of it.</param>
/// <param name="Message">The condition in words.</param>
/// <param name="IsOutdated">Whether a newer version of it is refused.</param>
/// <param name="Frontends">Its frontends.</param>
internal sealed record ServiceRow(string Service, string Condition, string Message, bool IsOutdated, IReadOnlyList<FrontendRow> Frontends);

/// <summary>A frontend, as lists show it.</summary>
/// <param name="Id">Its identifier in the kernel; <see langword="null"/> if it is not there.</param>
/// <param name="Frontend">Its address.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="PortName">The name of the service port, empty if it has none.</param>
/// <param name="Error">Why it is not in the kernel as it should be; <see langword="null"/> if it is.</param>
/// <param name="Backends">Its backends.</param>
internal sealed record FrontendRow(uint? Id, string Frontend, string Type, string PortName, string? Error, IReadOnlyList<BackendRow> Backends);

/// <summary>A backend, as lists show it.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="State">What it may be used for.</param>
/// <param name="InUse">Whether it takes new connections.</param>
/// <param name="Node">The node it runs on, if known.</param>
internal sealed record BackendRow(string Address, string State, bool InUse, string? Node);

/// <summary>A frontend, or a range of them, as the kernel holds it.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Frontend">Its address, or its addresses and ports.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="Passes">Whether dials go to the address itself.</param>
/// <param name="Backends">Its backends. None: dials are refused, or pass.</param>
/// <param name="FurtherSets">Other sets of backends, for some clients.</param>
internal sealed record KernelRow(
    uint Id, string Frontend, string Type, bool Passes, IReadOnlyList<KernelBackendRow> Backends, IReadOnlyList<KernelSetRow> FurtherSets);

/// <summary>A set of backends that some clients have, as the kernel holds it.</summary>
/// <param name="Clients">Whose dials: <c>netns</c> and a cookie, or <c>cgroup</c> and an id.</param>
/// <param name="Passes">Whether they go to the address itself.</param>
/// <param name="Backends">Where they go. None: they are refused, or pass.</param>
internal sealed record KernelSetRow(IReadOnlyList<string> Clients, bool Passes, IReadOnlyList<KernelBackendRow> Backends);

/// <summary>A backend, as the kernel holds it.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Share">Its part of new connections, 0 to 1.</param>
internal sealed record KernelBackendRow(uint Id, string Address, double Share);

/// <summary>What the kernel holds otherwise than it should.</summary>
internal sealed record VerificationRow(string Kind, string Subject, string Details);

/// <summary>A redirect policy, as lists show it.</summary>
/// <param name="Policy">Its name, with its namespace if it has one.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Condition">What became of it.</param>
/// <param name="Frontends">The addresses that it redirects, or refuses for want of pods.</param>
/// <param name="Message">The condition in words.</param>
internal sealed record PolicyRow(string Policy, string Kind, string Condition, IReadOnlyList<string> Frontends, string Message)
{
    /// <summary>Why it is not in the kernel as it should be; <see langword="null"/> if it is.</summary>
    public string? Error { get; init; }
}

/// <summary>An object, and what became of it.</summary>
internal sealed record ObjectRow(string Kind, string Namespace, string Name, string Condition, string Message);

/// <summary>A mistake or remark about the inputs.</summary>
internal sealed record DiagnosticRow(
    string Severity, string File, int Line, string? Kind, string? Namespace, string? Name, string? Field, string? Value, string Reason);

/// <summary>A part of the datapath.</summary>
/// <param name="Name">What it is.</param>
/// <param name="State"><c>on</c>, <c>off</c>, <c>not effective</c> or <c>unavailable</c>.</param>
/// <param name="Reason">Why, and what to do where something is amiss.</param>
internal sealed record FeatureRow(string Name, string State, string Reason);

/// <summary>A kind of object of the cluster.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="State">How it is followed.</param>
/// <param name="Objects">How many objects are known.</param>
/// <param name="LastContact">When the server last told something of it.</param>
/// <param name="IsStale">Whether changes may have been missed for too long.</param>
/// <param name="Problem">What stands in the way.</param>
internal sealed record KindRow(string Kind, string State, int Objects, DateTimeOffset? LastContact, bool IsStale, string? Problem);

/// <summary>A pod of the node.</summary>
internal sealed record PodRow(string Pod, string Uid)
{
    /// <summary>The cookies of its network namespaces, if they were asked for, are its own and are found.</summary>
    public IReadOnlyList<ulong> NetnsCookies { get; init; } = [];
}

/// <summary>What the running agent tells.</summary>
internal sealed record AgentReport(
    int Pid,
    bool IsSynced,
    long Generation,
    DateTimeOffset? AppliedAt,
    IReadOnlyList<ServiceRow> Services,
    IReadOnlyList<PolicyRow> Policies,
    IReadOnlyList<ObjectRow> NotInForce,
    IReadOnlyList<DiagnosticRow> Diagnostics,
    IReadOnlyList<string> Failures,
    IReadOnlyList<PodRow> Pods)
{
    /// <summary>Whose dials are served: <c>all</c> below the cgroup, or <c>host namespace only</c>.</summary>
    public string Serves { get; init; } = "all";

    /// <summary>Whether dials reach the programs, tried after the first sync; <see langword="null"/> before.</summary>
    public string? SelfTest { get; init; }

    /// <summary>How the kinds of object of the cluster are followed, if there is one.</summary>
    public IReadOnlyList<KindRow> Kubernetes { get; init; } = [];

    /// <summary>What keeps the datapath from serving, or from outliving the agent.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Ranges of addresses and ports in the kernel.</summary>
    public int Ranges { get; init; }

    /// <summary>Events that the programs counted.</summary>
    public IReadOnlyDictionary<string, long> Counters { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>The parts of the datapath, how each stands and why.</summary>
    public IReadOnlyList<FeatureRow> Features { get; init; } = [];
}

/// <summary>How everything stands.</summary>
/// <param name="Agent">The running agent; <see langword="null"/> if there is none.</param>
/// <param name="BpfRoot">The pin folder.</param>
/// <param name="Hooks">The pinned programs, each with the id of its cgroup; 0 if that is gone.</param>
/// <param name="Frontends">Frontends in the kernel.</param>
/// <param name="Ranges">Ranges of addresses and ports in the kernel.</param>
/// <param name="Counters">Events that the programs counted.</param>
internal sealed record StatusReport(
    AgentReport? Agent, string BpfRoot, IReadOnlyDictionary<string, ulong> Hooks, int Frontends, int Ranges, IReadOnlyDictionary<string, long> Counters)
{
    /// <summary>The process that manages the pins, agent or not; <see langword="null"/> if none does.</summary>
    public int? ManagedBy { get; init; }

    /// <summary>What has become of the pins; <see langword="null"/> if none is missing.</summary>
    public string? PinFault { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DialRow))]
[JsonSerializable(typeof(ExplanationReport))]
[JsonSerializable(typeof(IReadOnlyList<DifferenceRow>))]
[JsonSerializable(typeof(AgentReport))]
[JsonSerializable(typeof(IReadOnlyList<VerificationRow>))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(IReadOnlyList<ServiceRow>))]
[JsonSerializable(typeof(IReadOnlyList<KernelRow>))]
[JsonSerializable(typeof(IReadOnlyList<PolicyRow>))]
[JsonSerializable(typeof(IReadOnlyList<FlowRow>))]
[JsonSerializable(typeof(NatEventRow))]
[JsonSerializable(typeof(NatReport))]
[JsonSerializable(typeof(PacketReport))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>For terminals and files, where nothing but what JSON itself needs has to be escaped.</summary>
    public static ReportJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The same, with each report on a line.</summary>
    public static ReportJson Line => field ??= new(new JsonSerializerOptions(Readable.Options) { WriteIndented = false });
}
