using System.Globalization;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Kernel.Tests.Soak;
using Datapath.Kernel.Tests.Soak.Nat;

namespace Datapath.Soak;

/// <summary>What the command line asks for.</summary>
internal sealed record SoakArguments
{
    public const string Usage = """
        usage: dotnet run -c Release --project tests/Datapath.Soak -- [--soak MINUTES | --masquerade MINUTES | --short-flows N] [options]
          --soak MINUTES         services: how long; default 1
            --dials N            dials a second that are tried; default 2000
          --masquerade MINUTES   egress NAT: how long, at most 120
            --engine NAME        ebpf, the default, or nftables
          --short-flows N        so many short flows through egress NAT
          --seed N               what the changes follow from; default 1
          -o json                the summary as JSON on standard output
        """;

    /// <summary>The soak of services.</summary>
    public SoakOptions Services { get; private init; } = new();

    /// <summary>The soak of egress NAT, if it is that which is asked for.</summary>
    public NatSoakOptions? Masquerade { get; private init; }

    /// <summary>How many short flows, if it is those that are asked for.</summary>
    public int? ShortFlows { get; private init; }

    /// <summary>Whether the summary is JSON rather than a table.</summary>
    public bool IsJson { get; private init; }

    /// <exception cref="FormatException">An argument is not known, not complete or no number.</exception>
    public static SoakArguments Parse(ReadOnlySpan<string> args)
    {
        var (arguments, seed, engine) = (new SoakArguments(), 1, default(NatEngine));
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new FormatException($"{args[i]}: needs a value\n{Usage}");
            switch (args[i])
            {
                case "--soak":
                    arguments = arguments with { Services = arguments.Services with { Duration = TimeSpan.FromMinutes(Number(args[i], value)) } };
                    break;
                case "--masquerade":
                    arguments = arguments with { Masquerade = new() { Duration = TimeSpan.FromMinutes(Number(args[i], value, 120)) } };
                    break;
                case "--short-flows":
                    arguments = arguments with { ShortFlows = Number(args[i], value, 100_000_000) };
                    break;
                case "--engine":
                    engine = value switch { "ebpf" => NatEngine.Ebpf, "nftables" => NatEngine.Nftables, _ => throw new FormatException($"--engine: '{value}' is neither 'ebpf' nor 'nftables'") };
                    break;
                case "--seed":
                    seed = Number(args[i], value);
                    break;
                case "--dials":
                    arguments = arguments with { Services = arguments.Services with { DialsPerSecond = Number(args[i], value) } };
                    break;
                case "-o" when value is "json":
                    arguments = arguments with { IsJson = true };
                    break;
                default:
                    throw new FormatException($"{args[i]} {value}: not known\n{Usage}");
            }
        }

        return arguments with
        {
            Services = arguments.Services with { Seed = seed },
            Masquerade = arguments.Masquerade is null ? null : arguments.Masquerade with { Seed = seed, Engine = engine },
        };
    }

    private static int Number(string option, string text, int most = 100_000) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new FormatException($"{option}: '{text}' is no number from 1 to {most}");
}
