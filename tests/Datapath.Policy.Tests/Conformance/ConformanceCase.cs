using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>One step of a conformance test: objects and node configuration in, tables out.</summary>
internal sealed record ConformanceCase(string Suite, string Test, string Step, string Objects, JsonElement Config, JsonElement Expected)
{
    public string Name => $"{Suite}/{Test}/{Step}";

    public override string ToString() => Name;

    /// <summary>The cases of a folder of the form <c>suite/test/step/{objects.yaml,config.json,expected.json}</c>, step after step.</summary>
    public static IEnumerable<ConformanceCase> ReadAll(string folder) =>
        Directory.EnumerateFiles(folder, "expected.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(static file => Read(Path.GetDirectoryName(file)!));

    /// <summary>The objects that are valid, in the order of the file.</summary>
    public Dictionary<ObjectKey, KubernetesObject> ReadObjects()
    {
        var objects = new Dictionary<ObjectKey, KubernetesObject>();
        foreach (var item in ManifestReader.Read(Objects, Name + "/objects.yaml").Objects)
            objects.Add(item.Key, item);
        return objects;
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
