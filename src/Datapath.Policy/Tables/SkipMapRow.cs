using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="PolicyTables.SkipLbMap"/>.</summary>
/// <param name="NetnsCookie">The cookie of a pod's network namespace.</param>
/// <param name="Ip">The address that it dials.</param>
/// <param name="Port">The port that it dials.</param>
/// <param name="Protocols">The protocols for which dials are left alone.</param>
public sealed record SkipMapRow(ulong NetnsCookie, string Ip, ushort Port, ImmutableArray<string> Protocols);
