using System.Text.RegularExpressions;

namespace Datapath.Architecture.Tests.Commands;

/// <summary>A command that a document tells its readers to give.</summary>
/// <param name="Document">The path of the document in the repository.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Text">The command, without its prompt and what is said of it behind a <c>#</c>.</param>
internal sealed partial record DocumentedCommand(string Document, int Line, string Text)
{
    private const string Prompt = "$ ";

    /// <summary>Those of all documents.</summary>
    public static IEnumerable<DocumentedCommand> ReadAll() =>
        from document in (string[])
        [
            "README.md", "CONTRIBUTING.md", "samples/README.md", "bench/README.md",
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(static file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal),
        ]
        from command in Read(document, File.ReadLines(Path.Combine(Repository.Root, document)))
        select command;

    /// <summary>
    /// Those of one: each line of a block of the shell, lines with a prompt in any other block, indented lines and words in backquotes that begin as a command does. What has an ellipsis is none.
    /// </summary>
    public static IEnumerable<DocumentedCommand> Read(string document, IEnumerable<string> lines)
    {
        string? block = null;
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (Fence().Match(line) is { Success: true } fence)
                block = block is null ? fence.Groups["language"].Value : null;
            else if (block is "sh" or "bash" or "shell" || (block is not null && line.StartsWith(Prompt, StringComparison.Ordinal)))
                yield return Of(line);
            else if (block is null && line.StartsWith("    ", StringComparison.Ordinal) && Beginning().IsMatch(line.Trim()))
                yield return Of(line);
            else if (block is null)
                foreach (var quoted in Quoted().Matches(line).Select(static m => m.Groups["text"].Value).Where(static text => Beginning().IsMatch(text) && !text.Contains('…', StringComparison.Ordinal)))
                    yield return Of(quoted);
        }

        DocumentedCommand Of(string text)
        {
            text = Remark().Replace(text, "").Trim();
            return new(document, number, text.StartsWith(Prompt, StringComparison.Ordinal) ? text[Prompt.Length..] : text);
        }
    }

    public override string ToString() => $"{Document}:{Line}: {Text}";

    [GeneratedRegex(@"^\s*```(?<language>\w*)\s*$")]
    private static partial Regex Fence();

    [GeneratedRegex("`(?<text>[^`]+)`")]
    private static partial Regex Quoted();

    // With an argument, or a script: "dotnet" alone is a word.
    [GeneratedRegex(@"^((dotnet|datapath-agent|kubectl|bpftool|clang-\d+|apt-get) \S|for \w+ in |(\./|eng/[\w/-]+)[\w-]*\.sh\b)")]
    private static partial Regex Beginning();

    [GeneratedRegex(@"\s+#\s.*$")]
    private static partial Regex Remark();
}
