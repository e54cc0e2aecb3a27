using System.Text.RegularExpressions;

namespace Datapath.Architecture.Tests;

/// <summary>Log messages are generated from their declarations, and known by ids that stay.</summary>
[TestFixture]
internal sealed partial class LogMessageTests
{
    private static readonly string[] s_folders = ["src", "samples"];

    [Test]
    public void Each_has_an_id_of_its_own()
    {
        string[] messages = [.. s_folders.SelectMany(Repository.Sources).SelectMany(static file => Message().Matches(File.ReadAllText(file))).Select(static m => m.Value)];
        Assert.That(messages, Has.Length.GreaterThan(20));
        var ids = messages.Select(static message => Id().Match(message).Groups["id"].Value).ToList();
        Assert.That(messages.Where((_, i) => ids[i].Length == 0), Is.Empty, "without an id");
        Assert.That(ids, Is.Unique);
    }

    [Test]
    public void None_is_written_without_a_declaration() => Assert.That(
        from file in s_folders.SelectMany(Repository.Sources)
        from call in Call().Matches(File.ReadAllText(file)).Select(static m => m.Value)
        select $"{file}: {call}",
        Is.Empty);

    [GeneratedRegex(@"\[LoggerMessage\([^]]*")]
    private static partial Regex Message();

    [GeneratedRegex(@"EventId = (?<id>[1-9]\d{3})\b")]
    private static partial Regex Id();

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)?\(\s*(""|\$|LogLevel)")]
    private static partial Regex Call();
}
