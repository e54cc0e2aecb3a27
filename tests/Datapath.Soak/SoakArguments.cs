using System.Globalization;
using Datapath.Kernel.Tests.Soak;

namespace Datapath.Soak;

/// <summary>What the command line asks for.</summary>
/// <param name="Options">How the soak is run.</param>
/// <param name="IsJson">Whether the summary is JSON rather than a table.</param>
internal sealed record SoakArguments(SoakOptions Options, bool IsJson)
{
    public const string Usage = """
        usage: dotnet run -c Release --project tests/Datapath.Soak -- [options]
          --soak MINUTES   how long; default 1
          --seed N         what the changes follow from; default 1
          --dials N        dials a second that are tried; default 2000
          -o json          the summary as JSON on standard output
        """;

    /// <exception cref="FormatException">An argument is not known, not complete or no number.</exception>
    public static SoakArguments Parse(ReadOnlySpan<string> args)
    {
        var (options, isJson) = (new SoakOptions(), false);
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new FormatException($"{args[i]}: needs a value\n{Usage}");
            switch (args[i])
            {
                case "--soak":
                    options = options with { Duration = TimeSpan.FromMinutes(Number(args[i], value)) };
                    break;
                case "--seed":
                    options = options with { Seed = Number(args[i], value) };
                    break;
                case "--dials":
                    options = options with { DialsPerSecond = Number(args[i], value) };
                    break;
                case "-o" when value is "json":
                    isJson = true;
                    break;
                default:
                    throw new FormatException($"{args[i]} {value}: not known\n{Usage}");
            }
        }

        return new(options, isJson);
    }

    private static int Number(string option, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 100_000
            ? number
            : throw new FormatException($"{option}: '{text}' is no number from 1 to 100000");
}
