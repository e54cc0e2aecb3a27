namespace Datapath.Kernel.Tests.Lab;

/// <summary>The compiled programs of the folder bpf.</summary>
internal static class TestObject
{
    /// <summary>The bytes of an object file.</summary>
    /// <param name="name">The source without <c>.bpf.c</c>.</param>
    public static byte[] Read(string name)
    {
        using var stream = typeof(TestObject).Assembly.GetManifestResourceStream(name + ".bpf.o")
            ?? throw new ArgumentException($"there is no test program '{name}'", nameof(name));
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return file;
    }
}
