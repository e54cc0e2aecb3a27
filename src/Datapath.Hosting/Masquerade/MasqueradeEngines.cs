using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Opens the engine of masquerading that the options ask for.</summary>
internal static partial class MasqueradeEngines
{
    /// <summary>Opens it in the host's network namespace. What an earlier process left of the other engine goes: both together would translate twice.</summary>
    public static IMasquerade Open(DatapathOptions options, ILogger logger)
    {
        using var host = NetworkNamespace.Open(options.HostNetworkNamespace);
        return host.Run<IMasquerade>(() =>
        {
            var wanted = options.ToMasqueradeOptions();
            if (options.Masquerade.Engine is MasqueradeEngine.Nftables)
            {
                if (Directory.Exists(wanted.BpfRoot) && LinuxMasquerade.Uninstall(wanted.BpfRoot))
                    Messages.Removed(logger, wanted.BpfRoot);
                return NftablesMasquerade.Open(options.ToNftablesOptions());
            }

            if (NftablesMasquerade.Uninstall())
                Messages.Removed(logger, NftablesMasqueradeOptions.DefaultTable);
            var opened = LinuxMasquerade.Open(wanted);
            opened.AddressChanged += (_, change) => Tell(logger, change);
            return opened;
        });
    }

    private static void Tell(ILogger logger, MasqueradeAddressChange change)
    {
        if (change.AreEnded)
            Messages.AddressGone(logger, change.Device, change.Old, change.New, change.Flows);
        else
            Messages.AddressChanged(logger, change.Device, change.Old, change.New, change.Flows);
    }

    private static partial class Messages
    {
        [LoggerMessage(EventId = 1501, Level = LogLevel.Warning, Message = "Masquerading had another engine before; what it left in {Place} is removed, and its flows end")]
        public static partial void Removed(ILogger logger, string place);

        [LoggerMessage(EventId = 1502, Level = LogLevel.Information, Message = "New flows by {Device} leave as {New} instead of {Old}; {Flows} flows go on as before")]
        public static partial void AddressChanged(ILogger logger, string device, System.Net.IPAddress old, System.Net.IPAddress? @new, int flows);

        [LoggerMessage(EventId = 1503, Level = LogLevel.Warning, Message = "The machine has {Old} no more: {Flows} flows that left by {Device} as it are ended; new ones leave as {New}")]
        public static partial void AddressGone(ILogger logger, string device, System.Net.IPAddress old, System.Net.IPAddress? @new, int flows);
    }
}
