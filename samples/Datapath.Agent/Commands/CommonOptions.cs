using System.CommandLine;
using System.Text.Json;
using Datapath.Hosting;
using Microsoft.Extensions.Configuration;

namespace Datapath.Agent.Commands;

/// <summary>Options that several commands share, and the configuration that they lead to.</summary>
internal static class CommonOptions
{
    /// <summary>Environment variables that set keys: <c>DATAPATH__node__name</c> for <c>node:name</c>. Two
    /// underscores, because Kubernetes gives pods variables that start with the name of a service and one.</summary>
    private const string EnvironmentPrefix = "DATAPATH__";

    public static Option<string?> Config { get; } = new("--config", "-c")
    {
        Description = $"A JSON file with settings; environment variables {EnvironmentPrefix}KEY (with __ for :) go before it. `run --help` lists the keys.",
        HelpName = "FILE",
    };

    /// <summary>The pin folder.</summary>
    public static Option<string?> BpfRoot { get; } = MakeBpfRoot();

    public static Option<string?> Manifests { get; } = MakeManifests(isRequired: true);

    /// <summary>The folder of manifests, where there may be a cluster instead.</summary>
    public static Option<string?> OptionalManifests { get; } = MakeManifests(isRequired: false);

    public static Option<string> Output { get; } = MakeOutput();

    public static bool IsJson(ParseResult result) => result.GetValue(Output) == "json";

    /// <summary>The configuration of the command line's file and the environment.</summary>
    public static IConfiguration ReadConfiguration(ParseResult result)
    {
        var builder = new ConfigurationBuilder();
        if (result.GetValue(Config) is { } file)
        {
            // Not AddJsonFile: it finds no file whose name starts with a dot, and does not tell the line of a mistake.
            try
            {
                _ = builder.AddJsonStream(new MemoryStream(File.ReadAllBytes(file)));
                return Build(builder, result);
            }
            catch (JsonException e)
            {
                throw new ConfigurationException($"{file}:{e.LineNumber + 1}: {Reason(e)}");
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new ConfigurationException($"{file}: there is no such file");
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                throw new ConfigurationException($"{file}: {e.Message}");
            }
        }

        return Build(builder, result);
    }

    /// <summary>The options of the command line's file and the environment.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="manifests">The folders of manifests that it names. One that is not there is a mistake, not an empty list.</param>
    /// <exception cref="ConfigurationException">Something is wrong; all of it is named.</exception>
    public static DatapathOptions ReadOptions(ParseResult result, params IEnumerable<string> manifests)
    {
        var options = new DatapathOptions();
        string[] errors = [.. DatapathOptionsReader.Read(ReadConfiguration(result), options), .. manifests.Where(static folder => !Directory.Exists(folder)).Select(Missing)];
        return errors.Length == 0 ? options : throw new ConfigurationException(string.Join(Environment.NewLine, errors));
    }

    private static string Missing(string manifests) => $"the folder of manifests '{manifests}' {(File.Exists(manifests) ? "is a file" : "does not exist")}";

    private static IConfigurationRoot Build(ConfigurationBuilder builder, ParseResult result)
    {
        _ = builder.AddEnvironmentVariables(EnvironmentPrefix);
        if (result.GetValue(BpfRoot) is { } bpfRoot)
            _ = builder.AddInMemoryCollection([new("bpfRoot", bpfRoot)]);
        return builder.Build();
    }

    /// <summary>The message without the position, which it counts from 0.</summary>
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
    }

    private static Option<string?> MakeBpfRoot()
    {
        var option = new Option<string?>("--bpf-root")
        {
            Description = "The folder with the pins of the datapath, before bpfRoot of the configuration.",
            HelpName = "DIR",
        };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is [var token, ..] && !Path.IsPathFullyQualified(token.Value))
                result.AddError($"--bpf-root: '{token.Value}' must be an absolute path");
        });
        return option;
    }

    private static Option<string?> MakeManifests(bool isRequired) => new("--manifests", "-m")
    {
        Description = "The folder with *.yaml, *.yml and *.json manifests: Services, EndpointSlices, Pods, Namespaces, Nodes, redirect policies.",
        HelpName = "DIR",
        Required = isRequired,
    };

    private static Option<string> MakeOutput()
    {
        var option = new Option<string>("--output", "-o") { Description = "table, for people, or json, for programs.", DefaultValueFactory = static _ => "table" };
        return option.AcceptOnlyFromAmong("table", "json");
    }
}
