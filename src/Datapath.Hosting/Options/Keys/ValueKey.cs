using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>A key with a single value.</summary>
internal sealed class ValueKey<T>(ValueForm<T> form, Action<DatapathOptions, T> set) : ConfigurationKey
{
    public override void Read(IConfigurationSection section, DatapathOptions options, ReadErrors errors)
    {
        if (form.TryRead(section, out var value))
            set(options, value);
        else
            errors.Add(section, form.Rule);
    }
}
