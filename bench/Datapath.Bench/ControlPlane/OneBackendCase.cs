using System.Diagnostics;
using Datapath.Bench.Lab;
using Datapath.Bench.Results;
using Datapath.Hosting;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Bench.ControlPlane;

/// <summary>A service of which one backend, in the middle of its addresses, comes and goes.</summary>
internal sealed class OneBackendCase
{
    private readonly ServiceObjects _service;
    private readonly ServiceBuilder _builder;
    private readonly ServiceBackend _changing;

    public OneBackendCase(int number, L4Protocol protocol, int size)
    {
        (Protocol, Size) = (protocol, size);
        _builder = new ServiceBuilder("bench", $"service-{number}").ClusterIP(Addresses.Service4(number).ToString()).Port(80, 8080, protocol);
        for (var i = 0; i < size; i++)
            _ = _builder.Backend(Addresses.Backend4(2 * i).ToString());
        _service = new(_builder);
        _changing = new(Addresses.Backend4(size + 1).ToString());
    }

    public L4Protocol Protocol { get; }

    public int Size { get; }

    public Sample Objects { get; } = new();

    public Sample Compile { get; } = new();

    public Sample Apply { get; } = new();

    public Sample Call { get; } = new();

    public ObjectBatch All => ObjectBatch.Upsert(_service.All.AsSpan());

    /// <summary>The medians of all parts, in microseconds.</summary>
    public double Total => Objects.Median + Compile.Median + Apply.Median;

    /// <summary>Lets the backend come, or go, and takes the times.</summary>
    public void Change(bool comes, PolicyCompiler compiler, LinuxDatapath datapath, bool isMeasured)
    {
        var start = Stopwatch.GetTimestamp();
        var batch = comes ? _service.Upsert(_changing) : _service.Remove(_changing.Address);
        var noted = Stopwatch.GetTimestamp();
        var compiled = compiler.Apply(batch);
        var between = Stopwatch.GetTimestamp();
        var applied = datapath.Apply(compiled.Changes);
        var end = Stopwatch.GetTimestamp();
        if (applied.FrontendsWritten != 1)
            throw new BenchException($"a backend more or less wrote {applied.FrontendsWritten} frontends, expected 1");
        if (!isMeasured)
            return; // the runtime still compiles
        Objects.Add(Stopwatch.GetElapsedTime(start, noted).TotalMicroseconds);
        Compile.Add(Stopwatch.GetElapsedTime(noted, between).TotalMicroseconds);
        Apply.Add(Stopwatch.GetElapsedTime(between, end).TotalMicroseconds);
    }

    /// <summary>Gives the service to a datapath of a program.</summary>
    public Task AddToAsync(DatapathClient client, CancellationToken cancellation) => client.UpsertServiceAsync(_builder, cancellation);

    /// <summary>Lets the backend come, or go, by a call of a program, and takes the time until the call returns.</summary>
    public async Task CallAsync(DatapathClient client, bool comes, bool isMeasured, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        _ = comes
            ? await client.UpsertBackendAsync(_service.Name, _changing, cancellation).ConfigureAwait(false)
            : await client.RemoveBackendAsync(_service.Name, _changing.Address, cancellation).ConfigureAwait(false);
        if (isMeasured)
            Call.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
    }
}
