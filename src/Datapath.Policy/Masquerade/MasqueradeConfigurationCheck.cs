using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Datapath.Policy;

/// <summary>Finds what is wrong with a configuration.</summary>
internal static class MasqueradeConfigurationCheck
{
    /// <summary>A kernel takes names of interfaces of 15 bytes.</summary>
    private const int LongestInterface = 15;

    private const string NotNull = "must not be null";

    private const int MostPools = MasqueradeState.MostClasses - 1;

    private static readonly string s_interfaceRule =
        $"must be the name of an interface, at most {LongestInterface} bytes without '/', ':' and white space, or a beginning of names with '+' behind it";

    public static void Check(MasqueradeConfiguration configuration, IssueList issues)
    {
        CheckSources(configuration, issues);
        CheckDestinations(configuration, issues);
        CheckAddressSource(configuration, issues);
        CheckPools(configuration.Pools, issues);
    }

    public static void Check(NonMasqueradeList list, string field, IssueList issues) => CheckRanges(list.Cidrs, $"{field}.{nameof(list.Cidrs)}", issues);

    private static void CheckSources(MasqueradeConfiguration configuration, IssueList issues)
    {
        CheckRanges(configuration.Sources, nameof(configuration.Sources), issues);
        CheckRanges(configuration.PodCidrs, nameof(configuration.PodCidrs), issues);
        for (var i = 0; i < configuration.Interfaces.AsSpan().Length; i++)
        {
            if (!IsInterface(configuration.Interfaces[i]))
                issues.Error(Item(nameof(configuration.Interfaces), i), configuration.Interfaces[i], configuration.Interfaces[i] is null ? NotNull : s_interfaceRule);
        }
    }

    private static void CheckDestinations(MasqueradeConfiguration configuration, IssueList issues)
    {
        CheckNativeRouting(configuration.IPv4NativeRoutingCidr, AddressFamily.InterNetwork, nameof(configuration.IPv4NativeRoutingCidr), "an IPv4", issues);
        CheckNativeRouting(configuration.IPv6NativeRoutingCidr, AddressFamily.InterNetworkV6, nameof(configuration.IPv6NativeRoutingCidr), "an IPv6", issues);
        CheckKnown(configuration.RemoteNodes, nameof(configuration.RemoteNodes), issues);
        CheckRanges(configuration.MasqueradeCidrs, nameof(configuration.MasqueradeCidrs), issues);
        if (configuration.NonMasquerade is { } list)
            Check(list, nameof(configuration.NonMasquerade), issues);
    }

    private static void CheckAddressSource(MasqueradeConfiguration configuration, IssueList issues)
    {
        CheckKnown(configuration.AddressSource, nameof(configuration.AddressSource), issues);
        CheckAddresses(configuration.Addresses, nameof(configuration.Addresses), issues);
        var (isFixed, hasAddresses) = (configuration.AddressSource is MasqueradeAddressSource.Fixed, !configuration.Addresses.IsDefaultOrEmpty);
        var source = $"{nameof(configuration.AddressSource)} is {configuration.AddressSource}";
        if (isFixed && !hasAddresses)
            issues.Error(nameof(configuration.Addresses), null, $"must have at least one address: {source}");
        if (!isFixed && hasAddresses && Enum.IsDefined(configuration.AddressSource)) // what is no source says so itself
            issues.Error(nameof(configuration.Addresses), null, $"must be empty: {source}, not {nameof(MasqueradeAddressSource.Fixed)}");
    }

    private static void CheckPools(ImmutableArray<MasqueradePool> pools, IssueList issues)
    {
        if (pools.AsSpan().Length > MostPools)
        {
            issues.Error(nameof(MasqueradeConfiguration.Pools), pools.Length.ToString(CultureInfo.InvariantCulture), $"must be at most {MostPools} pools");
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < pools.AsSpan().Length; i++)
            CheckPool(pools[i], Item(nameof(MasqueradeConfiguration.Pools), i), names, issues);
    }

    private static void CheckPool(MasqueradePool? pool, string field, HashSet<string> names, IssueList issues)
    {
        if (pool is null)
        {
            issues.Error(field, null, NotNull);
            return;
        }

        if (!NameRules.IsLabel(pool.Name))
            issues.Error($"{field}.{nameof(pool.Name)}", pool.Name, NameRules.LabelRule);
        else if (!names.Add(pool.Name))
            issues.Error($"{field}.{nameof(pool.Name)}", pool.Name, "must be the name of one pool only");
        if (pool.Addresses.IsDefaultOrEmpty)
            issues.Error($"{field}.{nameof(pool.Addresses)}", null, "must have at least one address");
        CheckAddresses(pool.Addresses, $"{field}.{nameof(pool.Addresses)}", issues);
        CheckSelector(pool.NamespaceSelector, $"{field}.{nameof(pool.NamespaceSelector)}", issues);
        CheckSelector(pool.PodSelector, $"{field}.{nameof(pool.PodSelector)}", issues);
    }

    private static void CheckSelector(LabelSelector? selector, string field, IssueList issues)
    {
        if (selector is null)
            issues.Error(field, "null", "must be a selector; without requirements for all");
        else
            LabelSelectorValidator.Validate(selector, field, issues);
    }

    private static void CheckKnown<T>(T value, string field, IssueList issues) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            issues.Error(field, value.ToString(), $"must be {string.Join(" or ", Enum.GetNames<T>())}");
    }

    private static void CheckNativeRouting(IPNetwork? network, AddressFamily family, string field, string kind, IssueList issues)
    {
        if (network is not { } range)
            return;
        if (range.BaseAddress.AddressFamily != family)
            issues.Error(field, range.ToString(), $"must be {kind} range");
        else
            CheckRange(range, field, issues);
    }

    private static void CheckRanges(ImmutableArray<IPNetwork> ranges, string field, IssueList issues)
    {
        for (var i = 0; i < ranges.AsSpan().Length; i++)
            CheckRange(ranges[i], Item(field, i), issues);
    }

    private static void CheckRange(IPNetwork range, string field, IssueList issues)
    {
        if (IPValue.Of(range.BaseAddress).IsIPv4Mapped)
            issues.Error(field, range.ToString(), "must not be a range of IPv4-mapped addresses: write it as IPv4");
    }

    private static void CheckAddresses(ImmutableArray<IPAddress> addresses, string field, IssueList issues)
    {
        var known = new HashSet<IPAddress>();
        for (var i = 0; i < addresses.AsSpan().Length; i++)
        {
            var reason = addresses[i] is not { } address ? NotNull : ReasonAgainst(address) ?? (known.Add(address) ? null : "must be there once");
            if (reason is not null)
                issues.Error(Item(field, i), addresses[i]?.ToString(), reason);
        }
    }

    private static string? ReasonAgainst(IPAddress address) => IPValue.Of(address) switch
    {
        _ when address.AddressFamily is AddressFamily.InterNetworkV6 && address.ScopeId != 0 => "must not have a scope",
        { IsIPv4Mapped: true } => "must not be an IPv4-mapped address: write it as IPv4",
        { IsUnspecified: true } => "must not be the unspecified address",
        { IsLoopback: true } => "must not be a loopback address: nothing outside could answer",
        { IsMulticast: true } => "must not be a multicast address",
        { IsLinkLocal: true } => "must not be a link-local address: only the nearest network could answer",
        _ => null,
    };

    private static bool IsInterface(string? pattern)
    {
        var name = pattern is [.. var beginning, '+'] ? beginning : pattern;
        if (pattern is null || (name!.Length == 0 && pattern != "+") || System.Text.Encoding.UTF8.GetByteCount(name) > LongestInterface || name is "." or "..")
            return false;
        foreach (var c in name)
        {
            if (c is '/' or ':' or '+' || char.IsWhiteSpace(c) || char.IsControl(c))
                return false;
        }

        return true;
    }

    private static string Item(string list, int index) => string.Create(CultureInfo.InvariantCulture, $"{list}[{index}]");
}
