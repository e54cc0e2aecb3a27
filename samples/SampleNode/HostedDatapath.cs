using Datapath.Hosting;
using Datapath.Linux;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Datapath.SampleNode;

/// <summary>A datapath in a host, fed by a folder of manifests of its own.</summary>
public sealed class HostedDatapath : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly DirectoryInfo _manifests = Directory.CreateTempSubdirectory("datapath-sample-");
    private readonly IHost _host;

    private HostedDatapath(string nodeName, OwnCgroup cgroup, NodeNetwork node)
    {
        try
        {
            var builder = Host.CreateEmptyApplicationBuilder(new());

            // Only because the node of a sample is not the machine: AddDatapath opens an engine for the machine's own network by itself.
            _ = builder.Services.AddSingleton<IDatapath>(_ => LinuxDatapath.Open(new()
            {
                CgroupRoot = cgroup.Path,
                HostNetworkNamespace = node.HostPath,
                Lifetime = DatapathLifetime.Process,
                MaxFrontends = 1024,
                MaxSlots = 16384,
            }));
            _ = builder.Services.AddDatapath(options =>
            {
                options.CgroupRoot = cgroup.Path;
                options.Lifetime = DatapathLifetime.Process;
                options.Node.Name = nodeName;
                options.Node.Addresses = [];
            }).AddManifestFolder(_manifests.FullName);
            _host = builder.Build();
        }
        catch
        {
            _manifests.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>The engine.</summary>
    public LinuxDatapath Engine => (LinuxDatapath)_host.Services.GetRequiredService<IDatapath>();

    private DatapathMonitor Monitor => _host.Services.GetRequiredService<DatapathMonitor>();

    /// <summary>Starts with these manifests.</summary>
    /// <param name="nodeName">The name of the node in the manifests.</param>
    /// <param name="cgroup">Whose processes are served.</param>
    /// <param name="node">The network of the node.</param>
    /// <param name="manifests">The manifests.</param>
    /// <param name="stop">Ends the start.</param>
    public static async Task<HostedDatapath> StartAsync(string nodeName, OwnCgroup cgroup, NodeNetwork node, IEnumerable<Manifest> manifests, CancellationToken stop)
    {
        var started = new HostedDatapath(nodeName, cgroup, node);
        try
        {
            foreach (var manifest in manifests)
                started.Put(manifest.File, manifest.Text);
            await started._host.StartAsync(stop);
            await started.WaitAsync("the manifests are in force", static snapshot => snapshot.IsSynced && snapshot.Failures.IsEmpty, stop);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a manifest into the folder, and waits until the kernel has what it changes.</summary>
    /// <param name="file">The name of the file.</param>
    /// <param name="text">What is in it now, another text than before.</param>
    /// <param name="stop">Ends the wait.</param>
    public Task PutAsync(string file, string text, CancellationToken stop) => ChangeAsync(() => Put(file, text), stop);

    /// <summary>Removes a manifest from the folder, and waits until the kernel has what that changes.</summary>
    public Task RemoveAsync(string file, CancellationToken stop) => ChangeAsync(() => File.Delete(Path.Combine(_manifests.FullName, file)), stop);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _host.StopAsync();
            await ((IAsyncDisposable)_host).DisposeAsync();
        }
        finally
        {
            _manifests.Delete(recursive: true);
        }
    }

    // A file in full, at once: the folder is being watched.
    private void Put(string file, string text)
    {
        var unseen = Path.Combine(_manifests.FullName, $".{file}");
        File.WriteAllText(unseen, text);
        File.Move(unseen, Path.Combine(_manifests.FullName, file), overwrite: true);
    }

    private Task ChangeAsync(Action change, CancellationToken stop)
    {
        var before = Monitor.Current.Generation;
        change();
        return WaitAsync("the change is in force", snapshot => snapshot.Generation > before && snapshot.Failures.IsEmpty, stop);
    }

    private async Task WaitAsync(string what, Func<DatapathSnapshot, bool> condition, CancellationToken stop)
    {
        try
        {
            _ = await Monitor.WaitForAsync(condition, stop).WaitAsync(s_patience, stop);
        }
        catch (TimeoutException)
        {
            var (now, diagnostics) = (Monitor.Current, Monitor.Diagnostics);
            var reasons = now.Failures.Select(static f => $"{f.Frontend}: {f.Reason}").Concat(now.NotInForce.Select(static s => s.ToString())).Concat(diagnostics.Select(static d => d.ToString()));
            throw new SampleException($"expected that {what}; after {s_patience.TotalSeconds:0} s it is not so: {string.Join("; ", reasons)}");
        }
    }
}
