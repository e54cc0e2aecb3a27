using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>A key of the configuration: takes what is there into the options, or says why it cannot.</summary>
internal abstract class ConfigurationKey
{
    public abstract void Read(IConfigurationSection section, DatapathOptions options, ReadErrors errors);

    /// <summary>The whole names of the key, or of those below it, for help texts.</summary>
    public virtual IEnumerable<string> NamesAt(string path) => [path];
}
