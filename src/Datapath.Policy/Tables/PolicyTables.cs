using System.Collections.Immutable;
using System.Text.Json;

namespace Datapath.Policy.Tables;

/// <summary>
/// Everything that a compiler knows, as tables: what would be in force and why. Immutable, and in an order that depends on the content
/// alone. Addresses have the form <c>ip:port/PROTO</c>, IPv6 in brackets.
/// </summary>
public sealed record PolicyTables
{
    /// <summary>The addresses that clients dial: by 16-byte address (IPv4 as <c>::ffff:a.b.c.d</c>), port, protocol and scope.</summary>
    public required ImmutableArray<FrontendRow> Frontends { get; init; }

    /// <summary>The backends of all services, by address, then service.</summary>
    public required ImmutableArray<BackendRow> Backends { get; init; }

    /// <summary>The services, by name.</summary>
    public required ImmutableArray<ServiceRow> Services { get; init; }

    /// <summary>The namespaced policies that are accepted, by name.</summary>
    public required ImmutableArray<LocalRedirectPolicyRow> LocalRedirectPolicies { get; init; }

    /// <summary>The clusterwide policies that are accepted, by name.</summary>
    public required ImmutableArray<ClusterRedirectPolicyRow> ClusterLocalRedirectPolicies { get; init; }

    /// <summary>The ranges of addresses and ports that clusterwide policies redirect, by address, port and protocol.</summary>
    public required ImmutableArray<RangeRow> Ranges { get; init; }

    /// <summary>The pods whose own dials are not redirected, by name.</summary>
    public required ImmutableArray<SkipRow> SkipLb { get; init; }

    /// <summary>What the datapath knows of those pods, by cookie, address and port.</summary>
    public required ImmutableArray<SkipMapRow> SkipLbMap { get; init; }

    /// <summary>The pods of the node that have not ended, by name.</summary>
    public required ImmutableArray<PodRow> Pods { get; init; }

    /// <summary>What the other maps of the datapath hold.</summary>
    public required MapTables Maps { get; init; }

    /// <summary>The weight of every backend, by its address; 0 for one in maintenance.</summary>
    public required IReadOnlyDictionary<string, int> BackendWeights { get; init; }

    /// <summary>What became of every object, by kind and name.</summary>
    public required ImmutableArray<ObjectRow> Objects { get; init; }

    /// <summary>Makes the tables of what a compiler knows now.</summary>
    /// <param name="compiler">The compiler.</param>
    /// <param name="netnsCookies">The cookies of the network namespaces of this node's pods, as far as they are known.</param>
    public static PolicyTables Of(PolicyCompiler compiler, IReadOnlyDictionary<PodName, ulong> netnsCookies)
    {
        ArgumentNullException.ThrowIfNull(compiler);
        ArgumentNullException.ThrowIfNull(netnsCookies);
        var frontends = ListedFrontend.AllOf(compiler.State);
        var ranges = FrontendTables.Ranges(compiler.State);
        var skips = SkipTables.Of(compiler.AcceptedRedirects, frontends, netnsCookies);
        return new()
        {
            Frontends = [.. frontends.Select(FrontendTables.Row)],
            Backends = BackendTables.Rows(compiler.BackendsByService),
            Services = ServiceTable.Rows(compiler),
            LocalRedirectPolicies = RedirectPolicyTables.Namespaced(compiler.AcceptedRedirects),
            ClusterLocalRedirectPolicies = RedirectPolicyTables.Clusterwide(compiler.AcceptedRedirects, frontends, ranges),
            Ranges = ranges,
            SkipLb = skips.Rows,
            SkipLbMap = skips.MapRows,
            Pods = [.. compiler.State.Pods.Values.OrderBy(static pod => pod.Name).Select(PodRow.Of)],
            Maps = new(
                MapFrontends.Rows(frontends, compiler.EffectiveNode.MaglevTableSize), FrontendTables.Wildcards(frontends), BackendTables.MapRows(frontends)),
            BackendWeights = BackendTables.Weights(compiler.BackendsByService),
            Objects = [.. compiler.Statuses.OrderBy(static status => status.Object).Select(ObjectRow.Of)],
        };
    }

    /// <summary>The tables as indented JSON, an object with a property for each table; rows are objects with a property for each column.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TablesJson.Readable.PolicyTables);

    /// <summary>Writes what <see cref="ToJson"/> returns, in UTF-8.</summary>
    /// <param name="stream">Where to.</param>
    public void WriteTo(Stream stream) => JsonSerializer.Serialize(stream, this, TablesJson.Readable.PolicyTables);
}
