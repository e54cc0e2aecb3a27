using Datapath.Hosting;
using Datapath.Operator.Rollouts;

namespace Datapath.Operator;

/// <summary>An operator that runs until it is disposed. Its services go on.</summary>
internal sealed class RunningOperator : IAsyncDisposable
{
    private readonly CancellationTokenSource _end;
    private readonly Task _running;

    public RunningOperator(KubernetesCluster cluster, string cgroup, string bpfRoot, CancellationToken stop)
    {
        _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _running = RolloutOperator.RunAsync(
            cluster,
            options => (options.CgroupRoot, options.BpfRoot) = (cgroup, bpfRoot), // beside whatever else serves the machine
            build: null,
            static _ => { },
            _end.Token);
    }

    /// <summary>Waits for something, or for the end of the operator, whose reason is thrown then.</summary>
    public async Task<T> OrFailAsync<T>(Task<T> waited)
    {
        if (await Task.WhenAny(waited, _running) == _running)
            await _running;
        return await waited;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // told by OrFailAsync
        _end.Dispose();
    }
}
