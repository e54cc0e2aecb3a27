using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Opens the engine of masquerading that the options ask for.</summary>
internal static class MasqueradeEngines
{
    /// <summary>Opens it in the host's network namespace. What an earlier process left of the other engine goes: both together would translate twice.</summary>
    public static IMasquerade Open(DatapathOptions options, ILogger logger)
    {
        using var host = NetworkNamespace.Open(options.HostNetworkNamespace);
        return host.Run<IMasquerade>(() =>
        {
            var (wanted, table) = (options.ToMasqueradeOptions(), options.ToNftablesOptions());
            if (options.Masquerade.Engine is MasqueradeEngine.Nftables)
            {
                if (LinuxMasquerade.Uninstall(wanted.BpfRoot))
                    Log.OtherEngineRemoved(logger, wanted.BpfRoot);
                var nftables = NftablesMasquerade.Open(table);
                nftables.TableChanged += (_, change) => Tell(logger, change);
                return nftables;
            }

            if (NftablesMasquerade.Uninstall(table.Table, table.Owner))
                Log.OtherEngineRemoved(logger, table.Table);
            var opened = LinuxMasquerade.Open(wanted);
            opened.AddressChanged += (_, change) => Tell(logger, change);
            return opened;
        });
    }

    private static void Tell(ILogger logger, NftablesTableChange change)
    {
        if (change.Failure is null)
            Log.TablePutBack(logger, change);
        else
            Log.TableNotPutBack(logger, change);
    }

    private static void Tell(ILogger logger, MasqueradeAddressChange change)
    {
        if (change.AreEnded)
            Log.AddressGone(logger, change.Device, change.Old, change.New, change.Flows);
        else
            Log.AddressChanged(logger, change.Device, change.Old, change.New, change.Flows);
    }
}
