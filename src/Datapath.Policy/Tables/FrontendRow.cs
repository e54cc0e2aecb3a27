using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="PolicyTables.Frontends"/>: an address that clients dial.</summary>
/// <param name="Address">The address, <c>ip:port/PROTO</c>, with <c>/i</c> at the end for <see cref="FrontendScope.Internal"/>.</param>
/// <param name="Type">Why it exists, as <see cref="FrontendType"/> names it. A redirected frontend keeps its type.</param>
/// <param name="Service">The service that it belongs to.</param>
/// <param name="PortName">The name of the service port, empty if it has none.</param>
/// <param name="Backends">
/// All backends, also those that take no connections, by address, port and protocol. Of a redirected frontend those of the first redirect.
/// </param>
/// <param name="RedirectTo">The policy of the first redirect, as a service; <see langword="null"/> if it is not redirected.</param>
/// <param name="Status">How far it is written. Always <c>Done</c>: a plan shows how things are after it is applied.</param>
/// <param name="Error">Why it could not be written. Always empty, for the same reason.</param>
/// <param name="Redirects">All redirects, the first that is for a client counts.</param>
public sealed record FrontendRow(
    string Address,
    string Type,
    string Service,
    string PortName,
    ImmutableArray<string> Backends,
    string? RedirectTo,
    string Status,
    string Error,
    ImmutableArray<RedirectRow> Redirects);
