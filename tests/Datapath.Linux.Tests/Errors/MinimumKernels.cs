using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Datapath.Linux.Tests.Errors;

/// <summary>The version of Linux that the documentation names beside a value of an enum.</summary>
internal static partial class MinimumKernels
{
    private static readonly Dictionary<string, string> s_members = XDocument.Load(Path.ChangeExtension(typeof(LinuxException).Assembly.Location, ".xml"))
        .Descendants("member").ToDictionary(static m => m.Attribute("name")!.Value, static m => m.Value);

    public static Version Of<T>(T value)
        where T : struct, Enum =>
        Version.Parse(Minimum().Match(s_members[$"F:{typeof(T).FullName}.{value}"]).Groups[1].Value);

    [GeneratedRegex(@"Minimum kernel: (\d+\.\d+)")]
    private static partial Regex Minimum();
}
