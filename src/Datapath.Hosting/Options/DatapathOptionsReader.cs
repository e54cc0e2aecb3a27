using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>
/// Reads options from configuration. By hand rather than by the binder, which would pass over a misspelled key in silence and stop at the
/// first bad value.
/// </summary>
public static class DatapathOptionsReader
{
    /// <summary>The keys that are understood, for help texts.</summary>
    public static IEnumerable<string> Keys => DatapathKeys.All.NamesAt("");

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
        var errors = new ReadErrors();
        DatapathKeys.All.ReadAll(configuration, options, errors);
        return errors.ToImmutable();
    }
}
