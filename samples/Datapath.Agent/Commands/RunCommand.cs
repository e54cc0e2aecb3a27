using System.CommandLine;
using System.Net.Sockets;
using Datapath.Agent.Metrics;
using Datapath.Agent.Status;
using Datapath.Hosting;
using Datapath.Linux;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Datapath.Agent.Commands;

/// <summary><c>run</c>: the agent.</summary>
internal static class RunCommand
{
    private static readonly Option<LogLevel> s_logLevel = new("--log-level")
    {
        Description = "The least level that is logged, to standard error.",
        DefaultValueFactory = static _ => LogLevel.Information,
    };

    private static readonly Option<string?> s_metricsAddress = new("--metrics-address")
    {
        Description = "Tell metrics (/metrics, for Prometheus) and health (/healthz, /readyz) by HTTP at this address and port, such as 127.0.0.1:9464 or [::1]:9464; port 0: any, which the log names. Default: nowhere. Whoever reaches it may ask.",
        HelpName = "ADDRESS:PORT",
    };

    private static readonly Option<bool> s_kubernetes = new("--kubernetes", "-k")
    {
        Description = "Follow the cluster of this pod, or that of kubernetes:kubeconfig, as kubernetes:enabled does; with or without a folder of manifests, which goes first.",
    };

    public static Command Create()
    {
        var command = new Command("run", "Programs the manifests or the cluster's objects into the kernel and follows them until it is stopped. With lifetime pinned (the default) the services go on working afterwards; `uninstall` ends that."
            + $"{Environment.NewLine}{Environment.NewLine}Keys of the configuration: {string.Join(", ", DatapathOptionsReader.Keys)}.")
        {
            CommonOptions.Config,
            CommonOptions.BpfRoot,
            CommonOptions.OptionalManifests,
            s_kubernetes,
            s_metricsAddress,
            s_logLevel,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        AddLogging(builder.Logging, arguments.GetValue(s_logLevel));
        _ = builder.Services.Configure<ConsoleLifetimeOptions>(static o => o.SuppressStatusMessages = true);
        var datapath = builder.Services.AddDatapath(CommonOptions.ReadConfiguration(arguments));
        var manifests = arguments.GetValue(CommonOptions.OptionalManifests);
        if (manifests is not null)
            _ = datapath.AddManifestFolder(manifests);
        if (arguments.GetValue(s_kubernetes))
            _ = datapath.AddKubernetes();
        _ = builder.Services.AddHostedService<AgentSocketServer>();
        var metrics = arguments.GetValue(s_metricsAddress);
        if (metrics is not null)
            _ = builder.Services.AddSingleton(_ => MetricsAddress.Listen(s_metricsAddress.Name, MetricsAddress.Parse(s_metricsAddress.Name, metrics))).AddSingleton<MeterCollector>().AddHostedService<MetricsServer>();
        _ = builder.Services.AddSingleton<IValidateOptions<DatapathOptions>>(new RunCheck(manifests is not null, s_metricsAddress.Name, metrics));
        using var host = builder.Build();

        // Before anything is opened: all mistakes at once, and what would keep it from running.
        var options = host.Services.GetRequiredService<IOptions<DatapathOptions>>().Value;
        if (options.Lifetime is DatapathLifetime.Pinned)
            Pins.ThrowIfHidden(options.BpfRoot);
        AgentSocket.ThrowIfAgentRuns(options.BpfRoot);
        _ = host.Services.GetService<Socket>(); // of metrics, if they are told
        var services = host.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList(); // opens the datapath
        await host.RunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var service in services)
        {
            // A host whose service failed stops as if it had been asked to.
            if (service.ExecuteTask is { IsFaulted: true } failed)
                await failed.ConfigureAwait(false);
        }

        return ExitCode.Done;
    }

    private static void AddLogging(ILoggingBuilder logging, LogLevel level) => logging
        .AddSimpleConsole(static o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            o.UseUtcTimestamp = true;
            var isPlain = Console.IsErrorRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
            o.ColorBehavior = isPlain ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Enabled;
        })
        .SetMinimumLevel(level)
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None) // what ends the agent is told at its end
        .Services.Configure<ConsoleLoggerOptions>(static o => o.LogToStandardErrorThreshold = LogLevel.Trace);
}
