using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Opens the engine of masquerading that the options ask for.</summary>
internal static class MasqueradeEngines
{
    /// <summary>
    /// Opens it in the host's network namespace. What an earlier process left of the other engine goes: both together would translate twice. That is after the
    /// opening, which translates nothing yet: one that is refused takes nothing away.
    /// </summary>
    public static IMasquerade Open(DatapathOptions options, ILogger logger)
    {
        using var host = NetworkNamespace.Open(options.HostNetworkNamespace);
        return host.Run<IMasquerade>(() =>
        {
            var (pins, table) = (options.ToMasqueradeOptions(), options.ToNftablesOptions());
            return options.Masquerade.Engine is MasqueradeEngine.Nftables
                ? Replace(OpenNftables(table, logger), () => LinuxMasquerade.Uninstall(pins.BpfRoot), pins.BpfRoot, logger)
                : Replace(OpenEbpf(pins, logger), () => NftablesMasquerade.Uninstall(table.Table, table.Owner), table.Table, logger);
        });
    }

    private static NftablesMasquerade OpenNftables(NftablesMasqueradeOptions options, ILogger logger)
    {
        var opened = NftablesMasquerade.Open(options);
        opened.TableChanged += (_, change) => Tell(logger, change);
        return opened;
    }

    private static LinuxMasquerade OpenEbpf(LinuxMasqueradeOptions options, ILogger logger)
    {
        var opened = LinuxMasquerade.Open(options);
        opened.AddressChanged += (_, change) => Tell(logger, change);
        return opened;
    }

    private static IMasquerade Replace(IMasquerade opened, Func<bool> removeOther, string other, ILogger logger)
    {
        try
        {
            if (removeOther())
                Log.OtherEngineRemoved(logger, other);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
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
