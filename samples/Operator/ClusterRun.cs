using System.Runtime.InteropServices;
using Datapath.Hosting;
using Datapath.Linux;
using Datapath.Operator.Rollouts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Datapath.Operator;

/// <summary>The operator beside a real cluster, until it is stopped. Services go on then, and the next start adopts them.</summary>
internal static class ClusterRun
{
    /// <returns>The exit code: 0 if it was stopped, 1 if it failed, 2 if the kubeconfig is wrong.</returns>
    public static async Task<int> RunAsync(string kubeConfig, string? cgroup)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var loggers = LoggerFactory.Create(static logging => logging.AddSimpleConsole(static console => console.SingleLine = true));
        try
        {
            using var cluster = KubernetesCluster.Open(new() { KubeConfig = Path.GetFullPath(kubeConfig) }, loggers);
            Console.WriteLine($"reconciles the rollouts of {cluster.Server}");
            await RolloutOperator.RunAsync(cluster, options => options.CgroupRoot = cgroup, builder => builder.Services.AddSingleton<ILoggerFactory>(loggers), Console.WriteLine, stop.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (OptionsValidationException e)
        {
            Console.Error.WriteLine(string.Join(Environment.NewLine, e.Failures));
            return 2;
        }
        catch (Exception e) when (e is LinuxException or PlatformNotSupportedException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
