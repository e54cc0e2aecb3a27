using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Datapath.Bench.ControlPlane;
using Datapath.Bench.Lab;
using Datapath.Policy;

namespace Datapath.Bench.Policies;

/// <summary>Compiles a cluster in a process of its own, on one CPU: memory and just-in-time compilation are its alone. Prints one line of JSON.</summary>
internal static class CompileWorker
{
    public const string Argument = "--compile-worker";
    private const int LargeService = 1000;
    private const int SliceSize = 100;
    private const int WideRedirect = 100;

    public static CompileRun Start(int services, int changes, int cpu, CancellationToken cancellation) => WorkerProcess.Run<CompileRun>(
        cancellation, Argument, services.ToString(CultureInfo.InvariantCulture), changes.ToString(CultureInfo.InvariantCulture), cpu.ToString(CultureInfo.InvariantCulture));

    public static void Run(int services, int changes, int cpu, CancellationToken cancellation)
    {
        PinnedThread.PinTo(cpu);
        var objects = new ObjectBatch(new LargeCluster(services).Objects(), [], []);
        var objectBytes = GC.GetTotalMemory(forceFullCollection: true);
        var copy = Cost.Of(() => objects.Upserted.ToDictionary(static item => item.Key), out _);
        GC.Collect();
        var compiler = new PolicyCompiler(LargeCluster.Node);
        var cold = Compile(compiler, objects, services);
        var bytes = GC.GetTotalMemory(forceFullCollection: true);
        var peak = Process.GetCurrentProcess().PeakWorkingSet64;
        var small = Changes(compiler, changes, i => LargeCluster.Slice((int)(i * 7919L % services), 0, LargeCluster.EndpointsPerService, version: 1 + (i / services)), cancellation);
        AddLargeService(compiler, services);
        var large = Changes(compiler, changes / 10, i => LargeCluster.Slice(services, 0, SliceSize, version: i + 1), cancellation);
        var pods = Changes(compiler, changes / 10, static i => LargeCluster.Pod(i / 2 % LargeCluster.Policies, isReady: i % 2 != 0), cancellation);
        AddWideRedirect(compiler, services + 1);
        var redirected = Changes(compiler, changes / 10, i => LargeCluster.Slice(services + 1, 0, LargeCluster.EndpointsPerService, version: i + 1), cancellation);
        compiler = null;
        GC.Collect();
        var warm = Compile(new PolicyCompiler(LargeCluster.Node), objects, services);
        Console.WriteLine(JsonSerializer.Serialize(new CompileRun(services, copy, cold, warm, objectBytes, bytes, peak, small, large, pods, redirected)));
    }

    private static Cost Compile(PolicyCompiler compiler, ObjectBatch objects, int services)
    {
        var cost = Cost.Of(() => compiler.Apply(objects), out var compiled);
        return compiled.Changes.Upserted.Count(static s => s.Frontends is [{ UsableCount: > 0 }, ..]) >= services
            ? cost
            : throw new BenchException($"{compiled.Changes.Upserted.Length} of {services} services compiled: {compiled.Statuses.FirstOrDefault(static s => s.Condition is not ObjectCondition.Accepted)}");
    }

    private static void AddLargeService(PolicyCompiler compiler, int number)
    {
        _ = compiler.Apply(ObjectBatch.Upsert(
            [LargeCluster.Service(number), .. Enumerable.Range(0, LargeService / SliceSize).Select(i => LargeCluster.Slice(number, i * SliceSize, SliceSize, version: 0))]));
    }

    private static void AddWideRedirect(PolicyCompiler compiler, int first)
    {
        var numbers = Enumerable.Range(first, WideRedirect).ToArray();
        var policy = LargeCluster.WideRedirect(first, WideRedirect);
        _ = compiler.Apply(ObjectBatch.Upsert(
            [.. numbers.Select(LargeCluster.Service), .. numbers.Select(static i => LargeCluster.Slice(i, 0, LargeCluster.EndpointsPerService, version: 0)), policy]));
        if (!compiler.TryGetStatus(policy.Key, out var status) || status is not { Condition: ObjectCondition.Active, Frontends: WideRedirect })
            throw new BenchException($"the policy of {WideRedirect} services came to {status}");
    }

    /// <summary>As many changes come before those that count: until then the runtime still compiles.</summary>
    private static Change[] Changes(PolicyCompiler compiler, int count, Func<int, KubernetesObject> make, CancellationToken cancellation)
    {
        var all = new Change[2 * count];
        for (var i = 0; i < all.Length; i++)
            all[i] = Change(compiler, make(i), cancellation);
        return all[count..];
    }

    private static Change Change(PolicyCompiler compiler, KubernetesObject item, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var batch = ObjectBatch.Upsert(item);
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var start = ThreadClock.Nanoseconds;
        var compiled = compiler.Apply(batch);
        var end = ThreadClock.Nanoseconds;
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        return item is Pod || compiled.Changes.Upserted.Length == 1
            ? new((end - start) / 1e3, bytes)
            : throw new BenchException($"{item.Key} changed {compiled.Changes.Upserted.Length} services, expected 1");
    }
}
