namespace Datapath.Agent.Output;

/// <summary>A translated flow, as lists show it.</summary>
/// <param name="Protocol">Its protocol.</param>
/// <param name="Source">Where its packets come from.</param>
/// <param name="Pod">The pod of that address; <see langword="null"/> if none of this node has it.</param>
/// <param name="Translated">What they leave with.</param>
/// <param name="Peer">Where they go.</param>
/// <param name="Age">How long ago it began, in seconds.</param>
/// <param name="Idle">How long ago a packet came last, in seconds.</param>
/// <param name="ExpiresIn">When it ends if no packet comes, in seconds; <see langword="null"/> if the engine does not tell.</param>
/// <param name="IsAnswered">Whether a packet came back.</param>
/// <param name="IsMapping">Whether this is no flow, but the port that a source has towards all peers.</param>
internal sealed record FlowRow(
    string Protocol, string Source, string? Pod, string Translated, string Peer, double? Age, double Idle, double? ExpiresIn, bool IsAnswered, bool IsMapping);

/// <summary>How masquerading stands.</summary>
/// <param name="Failure">Why the last rules are not in force; <see langword="null"/> if they are.</param>
/// <param name="Devices">The devices, with their addresses.</param>
/// <param name="Flows">How many flows there are.</param>
/// <param name="Mappings">How many sources have a port for all peers, which takes the room of a flow.</param>
/// <param name="MaxFlows">The most of each family that there may be, of both together.</param>
/// <param name="Ports">How many ports each address has towards each peer.</param>
/// <param name="Peers">The peers towards which most ports are in use.</param>
/// <param name="AllPeers">The ports that are in use towards all peers at once.</param>
/// <param name="Sources">The sources with most flows.</param>
/// <param name="Counters">What the engine has counted.</param>
/// <param name="Remarks">What there is to say about the rules.</param>
/// <param name="Warnings">What is hardly meant: devices by which addresses of pods may leave, for example.</param>
internal sealed record NatReport(
    string? Failure,
    IReadOnlyList<NatDeviceRow> Devices,
    int Flows,
    int Mappings,
    int MaxFlows,
    int Ports,
    IReadOnlyList<PortUseRow> Peers,
    IReadOnlyList<MappingUseRow> AllPeers,
    IReadOnlyList<TalkerRow> Sources,
    IReadOnlyDictionary<string, long> Counters,
    IReadOnlyList<DiagnosticRow> Remarks,
    IReadOnlyList<string> Warnings);

/// <summary>A device whose packets are translated.</summary>
internal sealed record NatDeviceRow(string Name, string? IPv4, string? IPv6);

/// <summary>The ports in use towards a peer.</summary>
/// <param name="Translated">The address that has them.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Flows">How many.</param>
/// <param name="Use">Their part of all, 0 to 1.</param>
internal sealed record PortUseRow(string Translated, string Peer, string Protocol, int Flows, double Use);

/// <summary>The ports in use that serve all peers of a source.</summary>
/// <param name="Translated">The address that has them.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Mappings">How many sources have one.</param>
/// <param name="Use">Their part of all, 0 to 1.</param>
internal sealed record MappingUseRow(string Translated, string Protocol, int Mappings, double Use);

/// <summary>A source of flows.</summary>
internal sealed record TalkerRow(string Source, string? Pod, int Flows);
