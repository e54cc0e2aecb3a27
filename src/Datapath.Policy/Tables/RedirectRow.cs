using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>What one policy makes of the dials to a frontend or a range of them.</summary>
/// <param name="Policy">The policy, as the service that it stands for.</param>
/// <param name="Backends">Where dials go; empty if they are refused. Port 0 is the port that was dialled.</param>
/// <param name="Clients">Whose dials are meant.</param>
/// <param name="SkippedPods">The pods whose dials are left alone.</param>
public sealed record RedirectRow(string Policy, ImmutableArray<string> Backends, ClientsRow Clients, ImmutableArray<string> SkippedPods)
{
    internal static ImmutableArray<RedirectRow> Of(ImmutableArray<Redirect> redirects) =>
    [
        .. redirects.Select(static redirect => new RedirectRow(
            redirect.Policy.ToString(),
            [.. redirect.Backends.Select(static backend => backend.Address).Order(TableOrder.OfAddresses).Select(static address => address.ToString())],
            ClientsRow.Of(redirect.Clients),
            [.. redirect.SkippedPods.Select(static pod => pod.ToString())])),
    ];
}
