using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>Keys that stand together in an object.</summary>
internal sealed class KeyGroup(IReadOnlyDictionary<string, ConfigurationKey> keys) : ConfigurationKey
{
    private readonly ImmutableSortedDictionary<string, ConfigurationKey> _keys = keys.ToImmutableSortedDictionary(StringComparer.OrdinalIgnoreCase);

    public override void Read(IConfigurationSection section, DatapathOptions options, ReadErrors errors)
    {
        if (section.Value is { Length: > 0 })
            errors.Add(section, $"must be an object with {string.Join(", ", _keys.Keys)}");
        ReadAll(section, options, errors);
    }

    /// <summary>Reads all keys that the configuration has.</summary>
    public void ReadAll(IConfiguration configuration, DatapathOptions options, ReadErrors errors)
    {
        foreach (var section in configuration.GetChildren())
        {
            if (_keys.TryGetValue(section.Key, out var key))
                key.Read(section, options, errors);
            else
                errors.AddUnknown(section, _keys.Keys);
        }
    }

    public override IEnumerable<string> NamesAt(string path) =>
        _keys.SelectMany(item => item.Value.NamesAt(path.Length == 0 ? item.Key : $"{path}:{item.Key}"));
}
