using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>A key with a list of values, which replaces the list that was there. Null leaves that as it is.</summary>
/// <param name="form">The form of a value.</param>
/// <param name="items">What they are, for messages.</param>
/// <param name="set">Takes the list.</param>
internal sealed class ListKey<T>(ValueForm<T> form, string items, Action<DatapathOptions, List<T>> set) : ConfigurationKey
{
    public override void Read(IConfigurationSection section, DatapathOptions options, ReadErrors errors)
    {
        if (section.Value is { Length: > 0 })
        {
            errors.Add(section, $"must be a list of {items}");
            return;
        }

        var values = new List<T>();
        var isNull = section.Value is null;
        foreach (var item in section.GetChildren())
        {
            isNull = false;
            if (form.TryRead(item, out var value))
                values.Add(value);
            else
                errors.Add(item, form.Rule);
        }

        if (!isNull)
            set(options, values);
    }
}
