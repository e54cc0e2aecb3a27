using System.Globalization;
using System.Numerics;
using Datapath.Linux.Bpf;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>Checks what the types cannot say, and collects every mistake, those of the configuration too.</summary>
internal sealed class DatapathOptionsValidator : IValidateOptions<DatapathOptions>
{
    private const int MostEntries = 1 << 24;
    private const int LeastBuffer = 1 << 12;
    private const int MostBuffer = 1 << 29;
    private static readonly TimeSpan s_leastFallback = TimeSpan.FromMilliseconds(10);

    public ValidateOptionsResult Validate(string? name, DatapathOptions options)
    {
        string[] errors = [.. options.Unreadable, .. Check(options), .. MachineCheck.Check(options), .. KubernetesOptionsCheck.CheckMachine(options.Kubernetes)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    public static IEnumerable<string> Check(DatapathOptions options) =>
    [
        .. CheckEngine(options), .. CheckTimes(options), .. NodeOptionsCheck.Check(options, NodeOptions.HostName), .. CheckBalancing(options),
        .. MasqueradeOptionsCheck.Check(options.Masquerade), .. KubernetesOptionsCheck.Check(options.Kubernetes),
    ];

    private static IEnumerable<string> CheckEngine(DatapathOptions options)
    {
        if (OptionWords.OfPath("bpfRoot", options.BpfRoot) is { } ofRoot)
            yield return ofRoot;
        else if (Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.BpfRoot)) == BpfFileSystem.DefaultMountPoint)
            yield return $"bpfRoot: '{options.BpfRoot}' must be a folder in it, for example '{BpfFileSystem.DefaultMountPoint}/datapath': all programs of the machine share the bpf filesystem itself";
        IEnumerable<string?> others =
        [
            OptionWords.OfChoice("lifetime", options.Lifetime),
            OptionWords.OfChoice("noBackend", options.NoBackend),
            OptionWords.OfChoice("staleTcp", options.StaleTcp),
            options.CgroupRoot is { } cgroup ? OptionWords.OfPath("cgroupRoot", cgroup) : null,
            OptionWords.OfPath("hostNetworkNamespace", options.HostNetworkNamespace),
            .. OptionWords.OfPaths("socketLB:exemptCgroups", options.SocketLb.ExemptCgroups),
            .. OptionWords.OfPaths("socketLB:exemptNetworkNamespaces", options.SocketLb.ExemptNetworkNamespaces),
        ];
        foreach (var mistake in others.OfType<string>())
            yield return mistake;
        if (options.MaxFrontends is < 1 or > MostEntries)
            yield return $"maxFrontends: {options.MaxFrontends} must be 1 to {MostEntries}";
        if (options.MaxSlots is < 64 or > MostEntries)
            yield return $"maxSlots: {options.MaxSlots} must be 64 to {MostEntries}";
        if (options.MaxStickyClients is < 1 or > MostEntries)
            yield return $"maxStickyClients: {options.MaxStickyClients} must be 1 to {MostEntries}";
        if (!BitOperations.IsPow2(options.MonitorBufferSize) || options.MonitorBufferSize is < LeastBuffer or > MostBuffer)
            yield return $"monitor:bufferSize: {options.MonitorBufferSize} must be a power of two, {LeastBuffer} to {MostBuffer}";
    }

    private static IEnumerable<string> CheckTimes(DatapathOptions options)
    {
        // The kernel's coarse clock, by which it is measured, goes on every few milliseconds.
        var fallback = options.SocketLb.ConnectFallback;
        if (fallback < TimeSpan.Zero || fallback > TimeSpan.FromDays(1) || (fallback > TimeSpan.Zero && fallback < s_leastFallback))
            yield return $"socketLB:connectFallback: {Seconds(fallback)} must be 0 to {TimeSpan.FromDays(1).TotalSeconds} (seconds){(fallback > TimeSpan.Zero && fallback < s_leastFallback ? $", and {Seconds(s_leastFallback)} or more unless it is 0" : "")}";
        if (options.StopTimeout < TimeSpan.FromSeconds(1) || options.StopTimeout > TimeSpan.FromHours(1))
            yield return $"stopTimeout: {Seconds(options.StopTimeout)} must be 1 to {TimeSpan.FromHours(1).TotalSeconds} (seconds)";
    }

    private static IEnumerable<string> CheckBalancing(DatapathOptions options)
    {
        if (!LoadBalancerOptions.MaglevTableSizes.Contains(options.LoadBalancer.MaglevTableSize))
            yield return $"maglev:tableSize: {options.LoadBalancer.MaglevTableSize} must be one of {string.Join(", ", LoadBalancerOptions.MaglevTableSizes)}";
        IEnumerable<string?> others =
        [
            OptionWords.OfChoice("loadBalancer:algorithm", options.LoadBalancer.Algorithm),
            OptionWords.OfChoice("loadBalancer:mode", options.LoadBalancer.Mode),
            OptionWords.OfChoice("defaultLBServiceIPAM", options.LoadBalancer.DefaultIpam),
            .. OptionWords.OfRanges("localRedirectPolicies:addressMatcherCIDRs", options.LocalRedirect.AddressMatcherCidrs),
        ];
        foreach (var mistake in others.OfType<string>())
            yield return mistake;
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}
