using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Datapath.Kubernetes.Tests.Deploy;

/// <summary>YAML files of the repository, as JSON.</summary>
internal static class Manifests
{
    public static string Root { get; } = FindRoot();

    public static string DeployFolder => Path.Combine(Root, "samples", "Datapath.Agent", "deploy");

    public static JsonObject[] Read(string path) => ReadText(File.ReadAllText(path));

    public static JsonObject[] ReadText(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(static document => Convert(document.RootNode)).OfType<JsonObject>()];
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(static field => new KeyValuePair<string, JsonNode?>(((YamlScalarNode)field.Key).Value!, Convert(field.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => plain.Value switch
        {
            null or "" or "~" or "null" => null,
            "true" => true,
            "false" => false,
            var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
            var text => text,
        },
        YamlScalarNode scalar => scalar.Value,
        _ => throw new InvalidDataException("no such node"),
    };

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Datapath.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("the root of the repository");
        return folder;
    }
}
