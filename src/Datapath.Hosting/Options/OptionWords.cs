using System.Net;
using System.Net.Sockets;

namespace Datapath.Hosting;

/// <summary>What is wrong with single values of options, each as key, value and reason; <see langword="null"/> if nothing is.</summary>
internal static class OptionWords
{
    /// <summary>A choice must be one that has a name: code can cast any number into it.</summary>
    public static string? OfChoice<T>(string key, T value)
        where T : struct, Enum => Enum.IsDefined(value) ? null : $"{key}: '{value}' {ValueForms.Choice<T>().Rule}";

    /// <summary>A choice, as the configuration writes it.</summary>
    public static string OfMember<T>(T value)
        where T : struct, Enum
    {
        var name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>A path must be absolute: what it would be relative to is nobody's choice.</summary>
    public static string? OfPath(string key, string? path, string orElse = "") =>
        Path.IsPathRooted(path) && !path.Contains('\0', StringComparison.Ordinal) ? null : $"{key}: '{path}' must be an absolute path{orElse}";

    /// <summary>An item of a list must be one.</summary>
    public static string OfNull(string key) => $"{key}: must not be null";

    /// <summary>Each of the paths must be absolute.</summary>
    public static IEnumerable<string> OfPaths(string key, IEnumerable<string?> paths) =>
        paths.Index().Select(item => item.Item is null ? OfNull($"{key}:{item.Index}") : OfPath($"{key}:{item.Index}", item.Item)).OfType<string>();

    /// <summary>A range must not consist of IPv4-mapped addresses: no address is ever in one.</summary>
    public static IEnumerable<string> OfRanges(string key, IEnumerable<IPNetwork> ranges) => ranges.Index()
        .Where(static item => item.Item.BaseAddress.IsIPv4MappedToIPv6)
        .Select(item => $"{key}:{item.Index}: '{item.Item}' must not be a range of IPv4-mapped addresses: write it as IPv4");

    /// <summary>An address of the machine must be one by which others can tell it.</summary>
    public static string? OfNodeAddress(string key, IPAddress? address) =>
        address is null ? OfNull(key) : ReasonAgainst(address) is { } reason ? $"{key}: '{address}' {reason}" : null;

    private static string? ReasonAgainst(IPAddress address) => address switch
    {
        _ when address.ToString().Contains('%', StringComparison.Ordinal) => "must be without a scope",
        { IsIPv4MappedToIPv6: true } => "must not be an IPv4-mapped address: write it as IPv4",
        _ when address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) => "must not be the unspecified address: leave the list out for the addresses of the devices",
        _ when IPAddress.IsLoopback(address) => "must not be a loopback address: each machine has it",
        _ when IsMulticast(address) => "must not be a multicast address",
        _ when address.Equals(IPAddress.Broadcast) => "must not be the broadcast address",
        _ => null,
    };

    private static bool IsMulticast(IPAddress address) => address.AddressFamily is AddressFamily.InterNetworkV6 ? address.IsIPv6Multicast : address.GetAddressBytes()[0] >> 4 == 0xe;
}
