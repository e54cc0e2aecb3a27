using System.Globalization;
using System.Text.RegularExpressions;

namespace Datapath.Linux.Tests.Layout;

/// <summary>
/// The enums of the headers that programs and user space share. The compiler leaves them out of an object's types, as no variable has them,
/// so they are read from the headers themselves.
/// </summary>
internal static partial class CEnum
{
    /// <summary>Values by name, by the enum's name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> All { get; } =
        Read(string.Concat(Directory.GetFiles(AppContext.BaseDirectory, "layout*.h").Select(File.ReadAllText)));

    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Read(string header) =>
        Enum().Matches(Comment().Replace(header, "")).ToDictionary(
            static match => match.Groups["name"].Value,
            static match => (IReadOnlyDictionary<string, long>)match.Groups["body"].Value
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(static line => Value().Match(line))
                .ToDictionary(
                    static value => value.Success ? value.Groups["name"].Value : throw new FormatException("every value of an enum must be written out"),
                    static value => long.Parse(value.Groups["number"].Value, CultureInfo.InvariantCulture)));

    [GeneratedRegex(@"/\*.*?\*/|//[^\n]*", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\benum\s+(?<name>\w+)\s*\{(?<body>[^}]*)\}")]
    private static partial Regex Enum();

    [GeneratedRegex(@"^(?<name>\w+)\s*=\s*(?<number>-?\d+)$")]
    private static partial Regex Value();
}
