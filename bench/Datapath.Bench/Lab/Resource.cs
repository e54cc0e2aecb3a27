namespace Datapath.Bench.Lab;

/// <summary>Files inside the assembly.</summary>
internal static class Resource
{
    /// <summary>The bytes of a file.</summary>
    /// <exception cref="BenchException">There is none of this name.</exception>
    public static byte[] Read(string name)
    {
        using var stream = typeof(Resource).Assembly.GetManifestResourceStream(name)
            ?? throw new BenchException($"resource '{name}' is missing; run eng/build-bpf.sh");
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return file;
    }
}
