using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>One step of a conformance test: objects and node configuration in, tables out.</summary>
internal sealed record ConformanceCase(string Suite, string Test, string Step, string Objects, JsonElement Config, JsonElement Expected)
{
    /// <summary>A folder of more cases, in addition to those of this project.</summary>
    private const string Variable = "DATAPATH_CONFORMANCE";

    public string Name => $"{Suite}/{Test}/{Step}";

    public NodeConfiguration Node => new()
    {
        Name = Config.TryGetProperty("nodeName", out var name) ? name.GetString()! : "",
        Zone = Config.TryGetProperty("nodeZone", out var zone) ? zone.GetString() : null,
    };

    public JsonElement? MapFrontends =>
        Expected.TryGetProperty("maps", out var maps) && maps.TryGetProperty("frontends", out var rows) ? rows : null;

    public static IReadOnlyList<ConformanceCase> All { get; } = [.. ReadAll()];

    public override string ToString() => Name;

    private static IEnumerable<ConformanceCase> ReadAll()
    {
        var roots = new List<string> { Path.Combine(AppContext.BaseDirectory, "Conformance", "cases") };
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } more)
            roots.Add(more);
        foreach (var root in roots)
        {
            foreach (var file in Directory.EnumerateFiles(root, "expected.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                yield return Read(Path.GetDirectoryName(file)!);
        }
    }

    private static ConformanceCase Read(string step)
    {
        var test = Path.GetDirectoryName(step)!;
        return new(
            Path.GetFileName(Path.GetDirectoryName(test))!, Path.GetFileName(test), Path.GetFileName(step),
            File.ReadAllText(Path.Combine(step, "objects.yaml")), Json("config.json"), Json("expected.json"));

        JsonElement Json(string name)
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(step, name)));
            return document.RootElement.Clone();
        }
    }
}
