using System.Diagnostics;
using System.Text.RegularExpressions;
using Datapath.Agent.Commands;

namespace Datapath.Architecture.Tests.Commands;

/// <summary>What shows that commands of a kind work: what is wrong with one of them, or <see langword="null"/>.</summary>
/// <param name="command">The command.</param>
/// <param name="match">What the pattern of the kind found in it.</param>
internal delegate string? CommandProof(DocumentedCommand command, Match match);

/// <summary>The ways to show that a command works.</summary>
internal static class CommandProofs
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    /// <summary>The agent takes the command, and gives it if it needs neither root nor a kernel. The group <c>arguments</c> is what follows its name.</summary>
    public static CommandProof AgentTakesIt { get; } = static (_, match) =>
    {
        var arguments = match.Groups["arguments"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var parsed = AgentCommandLine.Create().Parse(arguments);
        if (parsed.Errors.Count > 0)
            return string.Join("; ", parsed.Errors.Select(static error => error.Message));
        var needsNothing = arguments is ["plan" or "explain" or "diff", ..] or ["nat", "explain", ..];
        var (exitCode, output) = needsNothing ? AgentProcess.Run([.. arguments.Select(AgentProcess.Example)]) : (0, "");
        return exitCode == 0 ? null : $"exit code {exitCode}: {output}";
    };

    /// <summary>The program in <paramref name="folder"/> ends well with the words of the command, but writes what follows <c>-o</c> to a place of the test's.</summary>
    public static CommandProof RunsIn(string folder) => (command, _) =>
    {
        var scratch = Path.GetTempFileName();
        try
        {
            var words = command.Text.Split(' ');
            words[Array.IndexOf(words, "-o") + 1] = scratch;
            using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { WorkingDirectory = Path.Combine(Repository.Root, folder), RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEnd();
            if (!process.WaitForExit(s_longest))
                return "does not end";
            return process.ExitCode == 0 && new FileInfo(scratch).Length > 0 ? null : $"exit code {process.ExitCode}: {errors}";
        }
        finally
        {
            File.Delete(scratch);
        }
    };

    /// <summary>A test of another project gives it: the file is there, and has these words.</summary>
    public static CommandProof TestedBy(string file, params string[] words) => (_, match) => Missing(Path.Combine("tests", file), [.. words.Select(match.Result)]);

    /// <summary>A script gives it, which the tests run: the file has these words.</summary>
    public static CommandProof RunBy(string file, params string[] words) => (_, _) => Missing(file, words);

    /// <summary>The command is a script that can be run, and what it is given is there. The groups are <c>script</c> and <c>argument</c>.</summary>
    public static CommandProof IsScript { get; } = static (_, match) =>
    {
        var script = Path.Combine(Repository.Root, match.Groups["script"].Value);
        if (!File.Exists(script))
            return "there is no such script";
        if (!File.GetUnixFileMode(script).HasFlag(UnixFileMode.UserExecute))
            return "it is not executable";
        var argument = match.Groups["argument"].Value;
        return Path.Exists(Path.Combine(Repository.Root, argument)) || Directory.EnumerateDirectories(Path.Combine(Repository.Root, "tests"), $"*{argument}*").Any()
            ? null : $"there are no tests of '{argument}'";
    };

    /// <summary>A program of the repository that takes long; each of its options is one that its sources know.</summary>
    public static CommandProof TakesOptions(string sources) => (_, match) => Missing(sources, [.. match.Groups["option"].Captures.Select(static option => $"\"{option.Value}\"")]);

    /// <summary>Nothing here can run it. What it names in the repository, as group <c>path</c>, is there.</summary>
    /// <param name="reason">The fact that is in the way.</param>
    public static CommandProof NotRun(string reason) => (_, match) =>
        reason.Length > 0 && Path.Exists(Path.Combine(Repository.Root, match.Groups["path"].Value)) ? null : $"{match.Groups["path"].Value} is not there";

    private static string? Missing(string file, string[] words)
    {
        var path = Path.Combine(Repository.Root, file);
        if (!File.Exists(path))
            return $"{file} is not there";
        var text = File.ReadAllText(path);
        var missing = words.Where(word => !text.Contains(word, StringComparison.Ordinal)).ToArray();
        return missing.Length == 0 ? null : $"{file} has no {string.Join(", no ", missing)}";
    }
}
