using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Datapath.Linux;
using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>
/// Reads options from configuration. By hand rather than by the binder, which would pass over a misspelled key in silence and stop at the
/// first bad value.
/// </summary>
public static class DatapathOptionsReader
{
    private static readonly ImmutableSortedDictionary<string, Action<DatapathOptions, IConfigurationSection, Errors>> s_keys =
        new Dictionary<string, Action<DatapathOptions, IConfigurationSection, Errors>>
        {
            ["cgroupRoot"] = static (o, s, e) => Text(s, e, value => o.CgroupRoot = value),
            ["bpfRoot"] = static (o, s, e) => Text(s, e, value => o.BpfRoot = value),
            ["lifetime"] = static (o, s, e) => Choice<DatapathLifetime>(s, e, value => o.Lifetime = value),
            ["noBackend"] = static (o, s, e) => Choice<NoBackendReply>(s, e, value => o.NoBackend = value),
            ["staleTcp"] = static (o, s, e) => Choice<StaleTcpPolicy>(s, e, value => o.StaleTcp = value),
            ["maxFrontends"] = static (o, s, e) => Number(s, e, value => o.MaxFrontends = value),
            ["maxSlots"] = static (o, s, e) => Number(s, e, value => o.MaxSlots = value),
            ["node"] = static (o, s, e) => Section(s, e, s_nodeKeys!, o),
        }.ToImmutableSortedDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly ImmutableSortedDictionary<string, Action<DatapathOptions, IConfigurationSection, Errors>> s_nodeKeys =
        new Dictionary<string, Action<DatapathOptions, IConfigurationSection, Errors>>
        {
            ["name"] = static (o, s, e) => Text(s, e, value => o.Node.Name = value),
            ["addresses"] = static (o, s, e) => Addresses(s, e, o.Node.Addresses),
            ["zone"] = static (o, s, e) => Text(s, e, value => o.Node.Zone = value),
        }.ToImmutableSortedDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys that are understood, for help texts.</summary>
    public static IEnumerable<string> Keys =>
        s_keys.Keys.Where(static key => key != "node").Concat(s_nodeKeys.Keys.Select(static key => $"node:{key}"));

    /// <summary>Sets what the configuration says, leaves the rest as it is, and checks the outcome.</summary>
    /// <param name="configuration">The datapath's own part of the configuration.</param>
    /// <param name="options">The options to set.</param>
    /// <returns>Everything that is wrong, a sentence each, with key, value and reason. Empty if nothing is.</returns>
    public static ImmutableArray<string> Read(IConfiguration configuration, DatapathOptions options)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(options);
        return [.. Set(configuration, options), .. DatapathOptionsValidator.Check(options)];
    }

    /// <summary>Sets what the configuration says, and says what of it could not be read.</summary>
    internal static ImmutableArray<string> Set(IConfiguration configuration, DatapathOptions options)
    {
        var errors = new Errors();
        ReadKeys(configuration.GetChildren(), errors, s_keys, options);
        return errors.ToImmutable();
    }

    private static void ReadKeys(
        IEnumerable<IConfigurationSection> sections,
        Errors errors,
        ImmutableSortedDictionary<string, Action<DatapathOptions, IConfigurationSection, Errors>> keys,
        DatapathOptions options)
    {
        foreach (var section in sections)
        {
            if (keys.TryGetValue(section.Key, out var read))
                read(options, section, errors);
            else
                errors.Add(section, $"is no known key; known are {string.Join(", ", keys.Keys)}");
        }
    }

    private static void Section(
        IConfigurationSection section,
        Errors errors,
        ImmutableSortedDictionary<string, Action<DatapathOptions, IConfigurationSection, Errors>> keys,
        DatapathOptions options)
    {
        if (section.Value is { Length: > 0 } value)
            errors.Add(section, $"'{value}' must be an object with {string.Join(", ", keys.Keys)}");
        ReadKeys(section.GetChildren(), errors, keys, options);
    }

    private static void Text(IConfigurationSection section, Errors errors, Action<string> set)
    {
        if (!section.GetChildren().Any() && section.Value is { Length: > 0 } value)
            set(value);
        else
            errors.Add(section, "must be a text");
    }

    private static void Choice<T>(IConfigurationSection section, Errors errors, Action<T> set)
        where T : struct, Enum
    {
        foreach (var choice in Enum.GetValues<T>())
        {
            if (string.Equals(choice.ToString(), section.Value, StringComparison.OrdinalIgnoreCase))
            {
                set(choice);
                return;
            }
        }

        var names = Enum.GetNames<T>().Select(static n => char.ToLowerInvariant(n[0]) + n[1..]);
        errors.Add(section, $"'{section.Value}' must be one of {string.Join(", ", names)}");
    }

    private static void Number(IConfigurationSection section, Errors errors, Action<int> set)
    {
        if (int.TryParse(section.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            set(value);
        else
            errors.Add(section, $"'{section.Value}' must be a whole number");
    }

    private static void Addresses(IConfigurationSection section, Errors errors, IList<IPAddress> addresses)
    {
        addresses.Clear();
        if (section.Value is { Length: > 0 } single)
            errors.Add(section, $"'{single}' must be a list of IP addresses");
        foreach (var item in section.GetChildren())
        {
            if (IPAddress.TryParse(item.Value, out var address) && address.ToString() == item.Value)
                addresses.Add(address);
            else
                errors.Add(item, $"'{item.Value}' must be an IP address, in its usual form");
        }
    }

    private sealed class Errors
    {
        private readonly ImmutableArray<string>.Builder _errors = ImmutableArray.CreateBuilder<string>();

        public void Add(IConfigurationSection section, string reason) => _errors.Add($"{section.Path}: {reason}");

        public ImmutableArray<string> ToImmutable() => _errors.ToImmutable();
    }
}
