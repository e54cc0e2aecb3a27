using System.Text.RegularExpressions;

namespace Datapath.Architecture.Tests;

/// <summary>Who looks for a message on the page of symptoms finds it there as the programs print it.</summary>
[TestFixture]
internal sealed partial class TroubleshootingTests
{
    private const int ShortestPiece = 12; // what is left of a message between its values; shorter pieces are in any source

    /// <summary>Messages of the first columns, in backquotes, with spaces: what has none is a name.</summary>
    private static string[] Messages() =>
    [
        .. from line in File.ReadLines(Path.Combine(Repository.Root, "docs", "troubleshooting.md"))
           where line.StartsWith('|')
           from quoted in Quoted().Matches(line)
           let message = quoted.Groups["message"].Value
           where message.Contains(' ', StringComparison.Ordinal) && !IsNotOurs(message)
           select message,
    ];

    [Test]
    public void Messages_are_those_that_the_sources_have()
    {
        var sources = new[] { "src", "samples" }.SelectMany(Repository.Sources)
            .Select(static file => Joint().Replace(File.ReadAllText(file), "")).ToArray();
        Assert.That(Messages(), Has.Length.GreaterThan(30));
        Assert.That(
            from message in Messages()
            from piece in Value().Split(message)
            where piece.Trim().Length >= ShortestPiece && !sources.Any(source => source.Contains(piece.Trim(), StringComparison.Ordinal))
            select $"'{piece}' of '{message}'",
            Is.Empty);
    }

    // Those of the kernel, of other programs, and commands.
    private static bool IsNotOurs(string message) =>
        message is "Connection refused" || message.StartsWith("NU1101", StringComparison.Ordinal) || Command().IsMatch(message);

    [GeneratedRegex("`(?<message>[^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("^(bpftool|kubectl|explain|nat|status|Lifetime) ")]
    private static partial Regex Command();

    [GeneratedRegex("…|: ")]
    private static partial Regex Value();

    // A message over several lines of source.
    [GeneratedRegex("\"\\s*\\+\\s*\\$?\"")]
    private static partial Regex Joint();
}
