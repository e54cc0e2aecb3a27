using System.Reflection;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Files of the source tree that these tests were built from.</summary>
internal static class SourceTree
{
    private static readonly string s_root = typeof(SourceTree).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "RepositoryRoot").Value!;

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    public static string PathOf(params string[] parts) => Path.Combine([s_root, .. parts]);
}
