using System.Globalization;

namespace Datapath.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchOptions
{
    public const string Usage = """
        usage: dotnet run -c Release --project bench/Datapath.Bench -- [options]
          --quick        few rounds, under a minute: shows that all of it works, not how fast it is
          --only PARTS   some of A (hooks), B (end to end), C (control plane), D (map operations), E (ring buffers), F (kernel types),
                         G (policies), H (stale sockets), I (egress NAT), J (one backend); for example --only AC
          --rounds N     rounds of A and B; default 21
          --cpu N        the CPU to measure on; default the last
          -o json        the results as JSON on standard output
        """;

    /// <summary>The letters of the parts to run.</summary>
    public string Parts { get; init; } = "ABCDEFGHIJ";

    public bool IsQuick { get; init; }

    public bool IsJson { get; init; }

    public int? RoundsAsked { get; init; }

    public int Cpu { get; init; } = Environment.ProcessorCount - 1;

    /// <summary>Rounds of A and B. Odd, so that the median is a value that was measured.</summary>
    public int Rounds => RoundsAsked ?? (IsQuick ? 3 : 21);

    /// <exception cref="BenchException">An argument is not known or not complete.</exception>
    public static BenchOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--quick" => options with { IsQuick = true },
                "--only" => options with { Parts = ParseParts(Next(args, ref i)) },
                "--rounds" => options with { RoundsAsked = ParseNumber(args[i], Next(args, ref i), 1) },
                "--cpu" => options with { Cpu = ParseNumber(args[i], Next(args, ref i), 0) },
                "-o" when Next(args, ref i) is "json" => options with { IsJson = true },
                _ => throw new BenchException($"{args[i]}: not known\n{Usage}"),
            };
        }

        return options;
    }

    private static string Next(ReadOnlySpan<string> args, ref int i) =>
        i + 1 < args.Length ? args[++i] : throw new BenchException($"{args[i]}: needs a value\n{Usage}");

    private static int ParseNumber(string option, string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new BenchException($"{option}: '{text}' is no number from {least}");

    private static string ParseParts(string text)
    {
        var parts = text.ToUpperInvariant();
        return parts.Length > 0 && parts.All(static part => part is >= 'A' and <= 'J') ? parts : throw new BenchException($"--only: '{text}' must be letters of ABCDEFGHIJ");
    }
}
