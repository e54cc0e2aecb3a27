using Datapath.Kernel.Tests.Victim;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Pods 2 to 4 as backends, for managers in processes of their own: nothing is pinned yet, and the sizes are theirs.</summary>
internal sealed class VictimLab : IDisposable
{
    public VictimLab()
    {
        Services = new(servers: 3, lifetime: DatapathLifetime.Pinned);
        Services.Datapath.Dispose();
        _ = PinnedDatapath.Uninstall(Services.Options.BpfRoot);
        Options = Services.Options with { MaxFrontends = Versions.MaxFrontends, MaxSlots = Versions.MaxSlots };
    }

    /// <summary>The names of the backends.</summary>
    public static IReadOnlyList<string> Pods { get; } = ["pod2", "pod3", "pod4"];

    public ServiceLab Services { get; }

    public LinuxDatapathOptions Options { get; }

    public void Dispose() => Services.Dispose();
}
