using System.Collections.Immutable;
using System.Net;

namespace Datapath.Kernel.Tests.Victim;

/// <summary>
/// The states of the victim. Service 1 leads to some of the pods 2 to 4, in turn. The backends of the others carry the number of the version
/// in their addresses, so that what is found in the kernel tells which version wrote it, and whether only one did.
/// </summary>
public static class Versions
{
    public const int MaxFrontends = 256;
    public const int MaxSlots = 16384;

    private const int First = 10;
    private const int Count = 20;

    /// <summary>The frontends of all versions, by address.</summary>
    public static ImmutableSortedSet<L4Address> Addresses { get; } = [.. Of(0).SelectMany(static s => s.Frontends).Select(static f => f.Address)];

    /// <summary>The services of a version.</summary>
    public static ImmutableArray<DesiredService> Of(int version) =>
        [Pods(version), .. Enumerable.Range(First, Count).Select(service => Numbered(service, version))];

    /// <summary>Whether a frontend's backends are all those of one version, and of no other.</summary>
    public static bool IsWhole(ProgrammedFrontend frontend)
    {
        ArgumentNullException.ThrowIfNull(frontend);
        if (frontend.Backends.IsEmpty)
            return false;
        var bytes = frontend.Backends[0].Address.Address.GetAddressBytes();
        var version = bytes.Length == 4 && bytes[1] != 244 ? (bytes[1] << 8) | bytes[2] : -1;
        var candidates = version < 0 ? Enumerable.Range(0, 7) : [version];
        var held = frontend.Backends.Select(static b => b.Address).ToHashSet();
        return candidates.Any(v => Of(v).SelectMany(static s => s.Frontends).Any(f =>
            f.Address == frontend.Address && held.SetEquals(f.Backends.Select(static b => b.Address))));
    }

    private static DesiredService Pods(int version)
    {
        int[] pods = [.. new[] { 2, 3, 4 }.Where((_, i) => ((((version % 7) + 1) >> i) & 1) != 0)];
        return new(new("victim", "pods"),
        [
            Frontend("10.96.0.1", L4Protocol.Tcp, pods.Select(static p => $"10.244.0.{p}")),
            Frontend("10.96.0.1", L4Protocol.Udp, pods.Select(static p => $"10.244.0.{p}")),
            Frontend("fd10:96::1", L4Protocol.Tcp, pods.Select(static p => $"fd10:44::{p}")),
            Frontend("fd10:96::1", L4Protocol.Udp, pods.Select(static p => $"fd10:44::{p}")),
        ]);
    }

    private static DesiredService Numbered(int service, int version)
    {
        var backends = Enumerable.Range(1, 1 + ((version + service) % 9)).Select(i => $"10.{version >> 8}.{version & 0xff}.{i}").ToArray();
        return new(new("victim", $"numbered-{service}"),
        [
            Frontend($"10.96.0.{service}", L4Protocol.Tcp, backends),
            Frontend($"10.96.0.{service}", L4Protocol.Udp, backends),
        ]);
    }

    private static Frontend Frontend(string address, L4Protocol protocol, IEnumerable<string> backends)
    {
        ImmutableArray<Backend> all = [.. backends.Select(b => new Backend(new(IPAddress.Parse(b), 8080, protocol)))];
        return new() { Address = new(IPAddress.Parse(address), 80, protocol), Backends = all, UsableCount = all.Length };
    }
}
