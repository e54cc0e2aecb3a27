using System.Numerics;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>Checks what the types cannot say, and collects every mistake, those of the configuration too.</summary>
internal sealed class DatapathOptionsValidator : IValidateOptions<DatapathOptions>
{
    private const int MostEntries = 1 << 24;
    private const int LeastBuffer = 1 << 12;
    private const int MostBuffer = 1 << 29;

    public ValidateOptionsResult Validate(string? name, DatapathOptions options)
    {
        string[] errors = [.. options.Unreadable, .. Check(options), .. CheckMachine(options), .. KubernetesOptionsCheck.CheckMachine(options.Kubernetes)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    public static IEnumerable<string> Check(DatapathOptions options) => [.. CheckEngine(options), .. CheckNode(options), .. CheckBalancing(options), .. MasqueradeOptionsCheck.Check(options.Masquerade), .. KubernetesOptionsCheck.Check(options.Kubernetes)];

    // What depends on the machine, which tools that read the configuration elsewhere cannot tell.
    private static string[] CheckMachine(DatapathOptions options)
    {
        if (!Path.IsPathRooted(options.HostNetworkNamespace))
            return []; // said already
        try
        {
            NetworkNamespace.Open(options.HostNetworkNamespace).Dispose();
            return [];
        }
        catch (LinuxException e)
        {
            return [$"hostNetworkNamespace: '{options.HostNetworkNamespace}' must be a network namespace that can be opened: {e.Message}"];
        }
    }

    private static IEnumerable<string> CheckEngine(DatapathOptions options)
    {
        if (!Path.IsPathRooted(options.BpfRoot))
            yield return $"bpfRoot: '{options.BpfRoot}' must be an absolute path";
        else if (Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.BpfRoot)) == BpfFileSystem.DefaultMountPoint)
            yield return $"bpfRoot: '{options.BpfRoot}' must be a folder in it, for example '{BpfFileSystem.DefaultMountPoint}/datapath': all programs of the machine share the bpf filesystem itself";
        if (options.CgroupRoot is { } cgroup && !Path.IsPathRooted(cgroup))
            yield return $"cgroupRoot: '{cgroup}' must be an absolute path";
        if (!Path.IsPathRooted(options.HostNetworkNamespace))
            yield return $"hostNetworkNamespace: '{options.HostNetworkNamespace}' must be an absolute path";
        if (options.MaxFrontends is < 1 or > MostEntries)
            yield return $"maxFrontends: {options.MaxFrontends} must be 1 to {MostEntries}";
        if (options.MaxSlots is < 64 or > MostEntries)
            yield return $"maxSlots: {options.MaxSlots} must be 64 to {MostEntries}";
        if (options.MaxStickyClients is < 1 or > MostEntries)
            yield return $"maxStickyClients: {options.MaxStickyClients} must be 1 to {MostEntries}";
        if (options.SocketLb.ConnectFallback < TimeSpan.Zero || options.SocketLb.ConnectFallback > TimeSpan.FromDays(1))
            yield return $"socketLB:connectFallback: {options.SocketLb.ConnectFallback.TotalSeconds} must be 0 to {TimeSpan.FromDays(1).TotalSeconds} (seconds)";
        if (options.StopTimeout < TimeSpan.FromSeconds(1) || options.StopTimeout > TimeSpan.FromHours(1))
            yield return $"stopTimeout: {options.StopTimeout.TotalSeconds} must be 1 to {TimeSpan.FromHours(1).TotalSeconds} (seconds)";
        if (!BitOperations.IsPow2(options.MonitorBufferSize) || options.MonitorBufferSize is < LeastBuffer or > MostBuffer)
            yield return $"monitor:bufferSize: {options.MonitorBufferSize} must be a power of two, {LeastBuffer} to {MostBuffer}";
    }

    private static IEnumerable<string> CheckNode(DatapathOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Node.Name))
            yield return "node:name: must not be empty";
        foreach (var address in options.Node.Addresses ?? [])
        {
            if (address.ToString().Contains('%', StringComparison.Ordinal))
                yield return $"node:addresses: '{address}' must be without a scope";
        }

        if (!options.EnableIPv4 && !options.EnableIPv6)
            yield return "ipv6:enabled: must be true if ipv4:enabled is false";
        var ports = options.NodePort.Range;
        if (ports.First == 0 || ports.Last < ports.First)
            yield return $"nodePort:range: '{ports}' must begin with 1 or more and must not end before that";
    }

    private static IEnumerable<string> CheckBalancing(DatapathOptions options)
    {
        if (!LoadBalancerOptions.MaglevTableSizes.Contains(options.LoadBalancer.MaglevTableSize))
            yield return $"maglev:tableSize: {options.LoadBalancer.MaglevTableSize} must be one of {string.Join(", ", LoadBalancerOptions.MaglevTableSizes)}";
        if (options.LoadBalancer.HealthCheckAnnotation is { } annotation && string.IsNullOrWhiteSpace(annotation))
            yield return "loadBalancer:healthCheckAnnotation: must not be empty";
    }
}
