using System.Diagnostics;
using System.Text.Json;
using Datapath.Bench.Lab;
using Datapath.Linux;
using Datapath.Linux.Cgroups;
using Datapath.Policy;

namespace Datapath.Bench.ControlPlane;

/// <summary>Runs in a process of its own, because only a fresh process has a first time. Prints one line of JSON.</summary>
internal static class ControlPlaneWorker
{
    public const string Argument = "--control-plane-worker";
    private const int Services = 10_000;

    public static void Run(int fills, int changes, CancellationToken cancellation)
    {
        var objects = ClusterObjects.All(Services);
        using var cgroups = new BenchCgroups();
        var cgroup = cgroups.Create("served");
        var opened = Cost.Of(() => Open(cgroup), out var datapath);
        PolicyCompiler? compiler = null;
        var measured = new List<Fill>();
        try
        {
            for (var i = 0; i < fills; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (i > 0)
                {
                    datapath.Dispose();
                    datapath = Open(cgroup);
                }

                GC.Collect(); // what earlier work left is not to be paid for here
                compiler = new PolicyCompiler(new NodeConfiguration());
                measured.Add(Fill(compiler, datapath, objects));
            }

            var run = new ControlPlaneRun(opened, [.. measured], [.. Enumerable.Range(0, changes).Select(i => Change(compiler!, datapath, i, cancellation))]);
            Console.WriteLine(JsonSerializer.Serialize(run));
        }
        finally
        {
            datapath.Dispose();
        }
    }

    private static LinuxDatapath Open(Cgroup cgroup) => LinuxDatapath.Open(new() { CgroupRoot = cgroup.Path, Lifetime = DatapathLifetime.Process });

    private static Fill Fill(PolicyCompiler compiler, LinuxDatapath datapath, ObjectBatch objects)
    {
        var compile = Cost.Of(() => compiler.Apply(objects), out var compiled);
        var apply = Cost.Of(() => datapath.Apply(compiled.Changes), out var applied);
        if (applied.FrontendsWritten != Services || !applied.Failures.IsEmpty)
            throw new BenchException($"{applied.FrontendsWritten} of {Services} frontends programmed, {applied.Failures.Length} failures");
        return new(compile, apply);
    }

    private static Change Change(PolicyCompiler compiler, LinuxDatapath datapath, int number, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var service = (int)(number * 7919L % Services);
        var batch = ObjectBatch.Upsert(ClusterObjects.Slice(service, firstBackend: (Services * Addresses.BackendsPerService) + number));
        var start = Stopwatch.GetTimestamp();
        var compiled = compiler.Apply(batch);
        var between = Stopwatch.GetTimestamp();
        var applied = datapath.Apply(compiled.Changes);
        var end = Stopwatch.GetTimestamp();
        if (applied.FrontendsWritten != 1)
            throw new BenchException($"a changed slice wrote {applied.FrontendsWritten} frontends, expected 1");
        return new(Stopwatch.GetElapsedTime(start, between).TotalMicroseconds, Stopwatch.GetElapsedTime(between, end).TotalMicroseconds);
    }
}
