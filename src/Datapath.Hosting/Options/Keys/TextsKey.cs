using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>A key with an object of texts whose names are free.</summary>
internal sealed class TextsKey(Action<DatapathOptions, string, string> set) : ConfigurationKey
{
    public override void Read(IConfigurationSection section, DatapathOptions options, ReadErrors errors)
    {
        if (section.Value is { Length: > 0 })
            errors.Add(section, "must be an object of texts");
        foreach (var item in section.GetChildren())
        {
            if (item.Value is { } text && !item.GetChildren().Any())
                set(options, item.Key, text);
            else
                errors.Add(item, "must be a text");
        }
    }
}
