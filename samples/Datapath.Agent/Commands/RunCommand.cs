using System.CommandLine;
using Datapath.Agent.Status;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Datapath.Agent.Commands;

/// <summary><c>run</c>: the agent.</summary>
internal static class RunCommand
{
    private static readonly Option<LogLevel> s_logLevel = new("--log-level")
    {
        Description = "The least level that is logged, to standard error.",
        DefaultValueFactory = static _ => LogLevel.Information,
    };

    public static Command Create()
    {
        var command = new Command("run", "Programs the manifests into the kernel and follows the folder until it is stopped. With lifetime pinned (the default) the services go on working afterwards; `uninstall` ends that.")
        {
            CommonOptions.Config,
            CommonOptions.Manifests,
            s_logLevel,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        // Before anything is opened, so that a mistake is told without the trimmings of a host.
        _ = CommonOptions.ReadOptions(arguments);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        _ = builder.Logging.AddSimpleConsole(static o => o.SingleLine = true).SetMinimumLevel(arguments.GetValue(s_logLevel));
        _ = builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(static o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        _ = builder.Services.AddDatapath(CommonOptions.ReadConfiguration(arguments))
            .AddManifestFolder(arguments.GetRequiredValue(CommonOptions.Manifests)!);
        _ = builder.Services.AddHostedService<AgentSocketServer>();
        using var host = builder.Build();
        await host.RunAsync(cancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }
}
