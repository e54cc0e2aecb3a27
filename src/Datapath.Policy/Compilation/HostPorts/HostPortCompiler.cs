using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Makes the frontends of a host port that holds its addresses.</summary>
internal static class HostPortCompiler
{
    public static DesiredService? Compile(HostPortEntry entry, CompilerInputs inputs)
    {
        if (!entry.Holds)
            return null;
        var options = new ServiceOptions(inputs.Node);
        var frontends = ImmutableArray.CreateBuilder<Frontend>(entry.Frontends.Length);
        foreach (var wanted in entry.Frontends)
            frontends.Add(Compile(wanted, in options, inputs));
        return new(entry.Name, frontends.MoveToImmutable());
    }

    private static Frontend Compile(HostPortFrontend wanted, in ServiceOptions options, CompilerInputs inputs) => new()
    {
        Address = wanted.Address,
        NodeAddresses = wanted.Address.IsUnspecified && !wanted.IsLoopback ? NodeAddresses.Of(wanted.Address, inputs) : [],
        Type = FrontendType.HostPort,
        Flags = options.Flags(wanted.Address, FrontendType.HostPort) | (wanted.IsLoopback ? FrontendFlags.LoopbackOrDelegate : 0),
        UsesMaglev = options.UsesMaglev(FrontendType.HostPort),
        IsAtNode = inputs.Node.IsAtNode(wanted.Address, FrontendType.HostPort),
        Backends = wanted.Backends,
        UsableCount = wanted.Backends.Length,
    };
}
