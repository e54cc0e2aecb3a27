using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>A key with a text that may be empty, as where it is not set at all.</summary>
internal sealed class OptionalTextKey(Action<DatapathOptions, string?> set) : ConfigurationKey
{
    private readonly ValueKey<string> _text = new(ValueForms.Text, set);

    public override void Read(IConfigurationSection section, DatapathOptions options, ReadErrors errors)
    {
        if (section.Value is "" && !section.GetChildren().Any())
            set(options, null);
        else
            _text.Read(section, options, errors);
    }
}
