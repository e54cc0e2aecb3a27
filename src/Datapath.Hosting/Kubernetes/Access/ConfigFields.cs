using System.Globalization;
using System.Text;

namespace Datapath.Hosting;

/// <summary>The fields of a mapping in a kubeconfig. What is wrong is told with file, line and field.</summary>
internal sealed class ConfigFields(string file, string path, ConfigNode node, List<string> errors)
{
    private static readonly IReadOnlyDictionary<string, ConfigNode> s_none = new Dictionary<string, ConfigNode>();

    /// <summary>The file that they are in.</summary>
    public string File { get; } = file;

    /// <summary>A text that is not empty, which is what the format makes of an absent one.</summary>
    public string? Text(string name)
    {
        if (Find(name) is not { } found)
            return null;
        if (found.Text is null)
            Error(name, "must be a text");
        return found.Text is { Length: > 0 } text ? text : null;
    }

    public bool Switch(string name)
    {
        if (Text(name) is not { } text)
            return false;
        if (text is not ("true" or "false"))
            Error(name, $"'{text}' must be true or false");
        return text == "true";
    }

    public ConfigFields? Mapping(string name)
    {
        if (Find(name) is not { } found)
            return null;
        if (found.Fields is null)
            Error(name, "must be a mapping");
        return new(File, NameOf(name), found, errors);
    }

    public IEnumerable<ConfigFields> List(string name)
    {
        if (Find(name) is not { } found)
            return [];
        if (found.Items is null)
            Error(name, "must be a list");
        return (found.Items ?? []).Select((item, i) => new ConfigFields(File, string.Create(CultureInfo.InvariantCulture, $"{NameOf(name)}[{i}]"), item, errors));
    }

    public IEnumerable<string> Texts(string name)
    {
        if (Find(name) is not { } found)
            return [];
        if (found.Items is null || found.Items.Any(static item => item.Text is null))
            Error(name, "must be a list of texts");
        return (found.Items ?? []).Select(static item => item.Text ?? "");
    }

    /// <summary>The item of a list of named things that has a name, and its part in a mapping of its own.</summary>
    public ConfigFields? Named(string list, string name, string part)
    {
        foreach (var item in List(list))
        {
            if (item.Text("name") == name)
                return item.Mapping(part) ?? new(File, item.NameOf(part), new ConfigNode(0), errors);
        }

        Error(list, $"has none that is named '{name}'");
        return null;
    }

    /// <summary>A text in PEM form: in the field that ends in <c>-data</c>, in base64, which goes first, or in the file that the other names.</summary>
    public PemText? Pem(string name)
    {
        if (Text(name + "-data") is { } data)
        {
            try
            {
                return new($"{File}: {NameOf(name)}-data", null, Encoding.UTF8.GetString(Convert.FromBase64String(data)));
            }
            catch (FormatException)
            {
                Error(name + "-data", "must be in base64");
                return null;
            }
        }

        return Text(name) is { } path ? new($"{File}: {NameOf(name)}", Absolute(path), null) : null;
    }

    /// <summary>A path, which the format takes relative to the kubeconfig.</summary>
    public string Absolute(string path) => Path.GetFullPath(path, Path.GetDirectoryName(File)!);

    public bool Has(string name) => Find(name) is not null;

    public void Error(string name, string reason)
    {
        var line = Find(name)?.Line ?? node.Line;
        errors.Add(line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{File}:{line}: {NameOf(name)}: {reason}") : $"{File}: {NameOf(name)}: {reason}");
    }

    private ConfigNode? Find(string name) => (node.Fields ?? s_none).TryGetValue(name, out var found) && !found.IsNull ? found : null;

    private string NameOf(string name) => path.Length == 0 ? name : $"{path}.{name}";
}
