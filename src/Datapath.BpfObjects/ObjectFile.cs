namespace Datapath.BpfObjects;

/// <summary>The object files in this assembly.</summary>
internal static class ObjectFile
{
    public static byte[] Read(string name)
    {
        using var stream = typeof(ObjectFile).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"resource '{name}' is missing from {typeof(ObjectFile).Assembly.FullName}");
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return file;
    }
}
