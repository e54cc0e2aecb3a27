using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>A frontend and the service that it is listed under.</summary>
internal readonly record struct ListedFrontend(ServiceName Service, Frontend Frontend)
{
    /// <summary>What its dials are redirected by, if it is; else <see langword="null"/>.</summary>
    public Redirect? FirstRedirect => Frontend.Redirects is [var first, ..] ? first : null;

    /// <summary>Where dials go, usable or not.</summary>
    public ImmutableArray<Backend> Backends => FirstRedirect?.Backends ?? Frontend.Backends;

    /// <summary>How many of <see cref="Backends"/>, from the first, take new connections.</summary>
    public int UsableCount => FirstRedirect?.Backends.Length ?? Frontend.UsableCount;

    /// <summary>The frontends of all services, in the order of tables.</summary>
    public static ImmutableArray<ListedFrontend> AllOf(DesiredState state) =>
    [
        .. state.Services.Values.SelectMany(static service => service.Frontends.Select(frontend => new ListedFrontend(service.Name, frontend)))
            .OrderBy(static item => item.Frontend.Address, TableOrder.OfAddresses).ThenBy(static item => item.Frontend.Scope),
    ];

    /// <summary>How tables name a frontend.</summary>
    public static string Key(L4Address address, FrontendScope scope) => scope is FrontendScope.Internal ? $"{address}/i" : address.ToString();
}
