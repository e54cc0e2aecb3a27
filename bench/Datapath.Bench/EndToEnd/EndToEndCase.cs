using Datapath.Bench.Interop;
using Datapath.Bench.Lab;

namespace Datapath.Bench.EndToEnd;

/// <summary>What is exchanged among how many services.</summary>
/// <param name="Name">The rows.</param>
/// <param name="Services">How many services.</param>
/// <param name="Make">Makes client and server.</param>
internal sealed record EndToEndCase(string Name, int Services, Func<Exchange> Make)
{
    /// <summary>What is dialed without load balancing.</summary>
    public SocketName[] Backends { get; } = Dialing.Backends(Services);

    /// <summary>What is dialed with it.</summary>
    public SocketName[] ServiceAddresses { get; } = Dialing.Services(Services);

    /// <summary>The call that is timed besides the whole.</summary>
    public required string Call { get; init; }

    /// <summary>What another load balancer took, of the call.</summary>
    public Reference? CallReference { get; init; }

    /// <summary>What another load balancer took, of the whole.</summary>
    public Reference? CycleReference { get; init; }

    public EndToEndResult Dial { get; } = new();

    public EndToEndResult Cycle { get; } = new();
}
