using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="PolicyTables.Backends"/>: a backend of one service. It is there with or without the service.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Service">The service.</param>
/// <param name="PortNames">The names of its ports. Empty if they have none or names do not matter.</param>
/// <param name="State">
/// What it may be used for: active, terminating, terminating-not-serving or maintenance; <see langword="null"/> (and not written) if it
/// is unhealthy.
/// </param>
/// <param name="Unhealthy">Whether a health check failed.</param>
/// <param name="NodeName">The node that it runs on, empty if unknown.</param>
/// <param name="Source">Who told of it. Always <c>k8s</c>.</param>
public sealed record BackendRow(
    string Address,
    string Service,
    ImmutableArray<string> PortNames,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? State,
    bool Unhealthy,
    string NodeName,
    string Source);
