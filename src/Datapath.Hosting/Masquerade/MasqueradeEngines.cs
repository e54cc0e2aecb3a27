using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Opens the engine of masquerading that the options ask for.</summary>
internal static class MasqueradeEngines
{
    /// <summary>
    /// Opens it in the host's network namespace. What an earlier process left of the other engine goes when the first rules are in force: with both, packets
    /// would be translated twice, and with neither they would leave as they are.
    /// </summary>
    public static IMasquerade Open(DatapathOptions options, ILogger logger)
    {
        using var host = NetworkNamespace.Open(options.HostNetworkNamespace);
        return host.Run<IMasquerade>(() =>
        {
            var (pins, table) = (options.ToMasqueradeOptions(), options.ToNftablesOptions());
            return options.Masquerade.Engine is MasqueradeEngine.Nftables
                ? OpenNftables(table, Removal(() => LinuxMasquerade.Uninstall(pins.BpfRoot), pins.BpfRoot), logger)
                : OpenEbpf(pins, Removal(() => NftablesMasquerade.Uninstall(table.Table, table.Owner), table.Table), logger);
        });

        EventHandler Removal(Func<bool> uninstall, string place) => (_, _) =>
        {
            using var host = NetworkNamespace.Open(options.HostNetworkNamespace);
            if (host.Run(uninstall))
                Log.OtherEngineRemoved(logger, place);
        };
    }

    private static NftablesMasquerade OpenNftables(NftablesMasqueradeOptions options, EventHandler removal, ILogger logger)
    {
        var opened = NftablesMasquerade.Open(options);
        opened.TableChanged += (_, change) => Tell(logger, change);
        opened.StraysEnded += (_, count) => Log.StraysEnded(logger, count);
        opened.FirstRulesApplied += removal;
        return opened;
    }

    private static LinuxMasquerade OpenEbpf(LinuxMasqueradeOptions options, EventHandler removal, ILogger logger)
    {
        var opened = LinuxMasquerade.Open(options);
        opened.AddressChanged += (_, change) => Tell(logger, change);
        opened.FirstRulesApplied += removal;
        return opened;
    }

    private static void Tell(ILogger logger, NftablesTableChange change)
    {
        if (change.Failure is null)
            Log.TablePutBack(logger, change);
        else
            Log.TableNotPutBack(logger, change);
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
