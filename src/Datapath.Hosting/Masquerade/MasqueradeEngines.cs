using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Opens the engine of masquerading that the options ask for.</summary>
internal static class MasqueradeEngines
{
    /// <summary>
    /// Opens it in the host's network namespace. What an earlier process left of the other engine goes when the first rules are in force, and its flows go on: with
    /// both, packets would be translated twice, and with neither they would leave as they are.
    /// </summary>
    public static IMasquerade Open(DatapathOptions options, ILogger logger)
    {
        using var host = NetworkNamespace.Open(options.HostNetworkNamespace);
        return host.Run<IMasquerade>(() => options.Masquerade.Engine is MasqueradeEngine.Nftables
            ? OpenNftables(options.ToNftablesOptions() with { PreviousBpfRoot = options.ToMasqueradeOptions().BpfRoot }, logger)
            : OpenEbpf(options.ToMasqueradeOptions() with { PreviousTable = options.ToNftablesOptions().Table, PreviousTableOwner = options.ToNftablesOptions().Owner }, logger));
    }

    private static NftablesMasquerade OpenNftables(NftablesMasqueradeOptions options, ILogger logger)
    {
        var opened = NftablesMasquerade.Open(options);
        opened.TableChanged += (_, change) => Tell(logger, change);
        opened.StraysEnded += (_, count) => Log.StraysEnded(logger, count);
        opened.TookOver += (_, takeover) => Tell(logger, takeover);
        return opened;
    }

    private static LinuxMasquerade OpenEbpf(LinuxMasqueradeOptions options, ILogger logger)
    {
        var opened = LinuxMasquerade.Open(options);
        opened.AddressChanged += (_, change) => Tell(logger, change);
        opened.Detached += (_, detachment) => TellDetached(logger, detachment);
        opened.PinsLost += (_, fault) => Log.MasqueradePinsLost(logger, fault);
        opened.TookOver += (_, takeover) => Tell(logger, takeover);
        return opened;
    }

    private static void Tell(ILogger logger, MasqueradeTakeover takeover)
    {
        Log.OtherEngineRemoved(logger, takeover.Place, takeover.Flows);
        if (takeover.Ended > 0)
            Log.FlowsNotHandedOver(logger, takeover.Ended, takeover.Reason ?? "others translate, too, or it has no ports");
    }

    private static void Tell(ILogger logger, NftablesTableChange change)
    {
        if (change.Failure is null)
            Log.TablePutBack(logger, change);
        else
            Log.TableNotPutBack(logger, change);
    }

    internal static void TellDetached(ILogger logger, MasqueradeDetachment detachment)
    {
        if (detachment.Failure is null)
            Log.ProgramsAttachedAgain(logger, detachment);
        else
            Log.ProgramsNotAttachedAgain(logger, detachment);
    }

    internal static void Tell(ILogger logger, MasqueradeAddressChange change)
    {
        switch (change)
        {
            case { AreEnded: true, New: { } now }:
                Log.AddressGone(logger, change.Device, change.Old, now, change.Flows);
                break;
            case { AreEnded: true }:
                Log.LastAddressGone(logger, change.Device, change.Old, change.Flows);
                break;
            case { New: { } now }:
                Log.AddressChanged(logger, change.Device, change.Old, now, change.Flows);
                break;
            default:
                Log.LastAddressMoved(logger, change.Device, change.Old, change.Flows);
                break;
        }
    }
}
