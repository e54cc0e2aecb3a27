using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="PolicyTables.Ranges"/>: addresses and ports that policies take over together.</summary>
/// <param name="Range">The range, for example <c>10.0.0.0/8:80-90/TCP</c>.</param>
/// <param name="Service">The policy that it is listed under, as a service.</param>
/// <param name="Redirects">All redirects, the first that is for a client counts.</param>
public sealed record RangeRow(string Range, string Service, ImmutableArray<RedirectRow> Redirects);
