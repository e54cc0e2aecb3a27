using System.Globalization;
using Datapath.Bench.Lab;
using Datapath.Bench.Results;
using Datapath.Hosting;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Bench.ControlPlane;

/// <summary>Part J: one backend comes to a service, or goes, from the program's call to the kernel, in services of different sizes in turn.</summary>
internal static class OneBackendBenchmark
{
    private static readonly int[] s_sizes = [10, 100, 1_000, 10_000];

    public static ResultTable Run(BenchOptions options, CancellationToken cancellation)
    {
        using var cgroups = new BenchCgroups();
        using var datapath = LinuxDatapath.Open(new() { CgroupRoot = cgroups.Create("one").Path, Lifetime = DatapathLifetime.Process, MaxSlots = 1 << 20 });
        var compiler = new PolicyCompiler(new());
        OneBackendCase[] cases = [.. new[] { L4Protocol.Tcp, L4Protocol.Udp }.SelectMany((protocol, i) => s_sizes.Select((size, j) => new OneBackendCase((i * s_sizes.Length) + j, protocol, size)))];
        foreach (var item in cases)
        {
            if (datapath.Apply(compiler.Apply(item.All).Changes) is { Failures: [var failure, ..] })
                throw new BenchException(failure.ToString());
        }

        Repeat(options, cases, (item, comes, isMeasured) => item.Change(comes, compiler, datapath, isMeasured), cancellation);
        CallAsync(options, cgroups.Create("calls").Path, cases, cancellation).GetAwaiter().GetResult();
        return Report(cases);
    }

    /// <summary>The same by the calls of a program that embeds the datapath.</summary>
    private static async Task CallAsync(BenchOptions options, string cgroup, OneBackendCase[] cases, CancellationToken cancellation)
    {
        await using var host = await DatapathHost.StartAsync(
            datapath => (datapath.CgroupRoot, datapath.Lifetime, datapath.MaxSlots) = (cgroup, DatapathLifetime.Process, 1 << 20),
            cancellationToken: cancellation).ConfigureAwait(false);
        foreach (var item in cases)
            await item.AddToAsync(host.Client, cancellation).ConfigureAwait(false);
        Repeat(options, cases, (item, comes, isMeasured) => item.CallAsync(host.Client, comes, isMeasured, cancellation).GetAwaiter().GetResult(), cancellation);
    }

    private static void Repeat(BenchOptions options, OneBackendCase[] cases, Action<OneBackendCase, bool, bool> change, CancellationToken cancellation)
    {
        var order = cases.ToArray();
        var random = new Random(1);
        var (warming, rounds) = options.IsQuick ? (20, 20) : (400, 400);
        for (var round = 0; round < warming + rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            random.Shuffle(order); // what ran before it decides what is in the caches
            foreach (var item in order)
                change(item, round % 2 == 0, round >= warming);
        }
    }

    private static ResultTable Report(OneBackendCase[] cases)
    {
        var table = new ResultTable("J", "One backend of a service comes or goes, us", "service", "objects", "compile", "apply", "all", "of that with 10", "ns for each backend more", "a call");
        foreach (var (least, item) in cases.GroupBy(static item => item.Protocol).SelectMany(static group => group.Select(item => (group.First(), item))))
        {
            table.Add(
                string.Create(CultureInfo.InvariantCulture, $"{item.Protocol.ToString().ToUpperInvariant()}, {item.Size:N0} backends"),
                Cell.Number(item.Objects.Median, "0.0"),
                Cell.Number(item.Compile.Median, "0.0"),
                Cell.Number(item.Apply.Median, "0.0"),
                Cell.Number(item.Total, "0.0"),
                Cell.Number(item.Total / least.Total, "0.00"),
                item == least ? Cell.Empty : Cell.Number((item.Total - least.Total) * 1000 / (item.Size - least.Size), "0"),
                Cell.Number(item.Call.Median, "0"));
        }

        return table;
    }
}
