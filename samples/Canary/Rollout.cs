using System.Net;
using Datapath.Hosting;
using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Datapath.Policy;
using Datapath.SampleNode;

namespace Datapath.Canary;

/// <summary>A new release takes over step by step, and the old one leaves when its last connection has ended.</summary>
internal sealed class Rollout : IDisposable
{
    private const int Dials = 1000;
    private static readonly ServiceName s_shop = new("default", "shop");
    private static readonly IPEndPoint s_address = IPEndPoint.Parse("10.96.0.80:80");
    private readonly OwnCgroup _cgroup = new("datapath-canary");
    private readonly NodeNetwork _node = new("canary");
    private readonly Transcript _transcript = new();
    private readonly NetworkNamespace _visitors;

    public Rollout() => _visitors = _node.Join("visitors", IPAddress.Parse("10.244.0.2"));

    public void Dispose()
    {
        _node.Dispose();
        _cgroup.Dispose();
    }

    public async Task<bool> RunAsync(CancellationToken stop)
    {
        using var blue = Start("blue", "10.244.0.11");
        using var green = Start("green", "10.244.0.12");

        Transcript.Heading("A service with one release");
        await using var datapath = await DatapathHost.StartAsync(
            options =>
            {
                options.CgroupRoot = _cgroup.Path; // without this every process of the machine is served
                options.Lifetime = DatapathLifetime.Process; // without this services go on when the program ends
            },
            cancellationToken: stop);
        var client = datapath.Client;
        _ = await client.UpsertServiceAsync(
            new ServiceBuilder("default", "shop").ClusterIP("10.96.0.80").Port(80, Release.Port).Backend(blue.Address), stop);
        await CheckAsync("blue alone", greenLeast: 0, greenMost: 0, stop);

        Transcript.Heading("A canary with a tenth of the dials, then half");
        _ = await client.UpsertBackendAsync(s_shop, new ServiceBackend(green.Address) { Weight = 11 }, stop);
        await CheckAsync("weights 100 and 11", greenLeast: 40, greenMost: 170, stop);
        _ = await client.SetWeightsAsync(s_shop, new Dictionary<string, int> { [blue.Address] = 50, [green.Address] = 50 }, stop);
        await CheckAsync("weights 50 and 50", greenLeast: 400, greenMost: 600, stop);

        Transcript.Heading("The old release leaves when its last connection has ended");
        using var visitor = await DialAsync("blue", stop);
        var drain = client.DrainBackendAsync(s_shop, blue.Address, cancellationToken: stop);
        _ = await datapath.Monitor.WaitForAsync(IsDraining, stop);
        await CheckAsync("blue drains", greenLeast: Dials, greenMost: Dials, stop);
        _transcript.Check(await visitor.AskAsync(stop) == "blue" && !drain.IsCompleted, "who is connected to blue goes on being answered by it");
        visitor.Dispose();
        _transcript.Check(await drain == 0, "blue is out, and nobody was cut off");
        _transcript.Check(client.Read().Single().Backends.Single().Address.Address.ToString() == green.Address, "the kernel holds green alone");
        return _transcript.IsAsExpected;
    }

    private Release Start(string name, string address) => new(_node.Join(name, IPAddress.Parse(address)), name, IPAddress.Parse(address));

    private static bool IsDraining(DatapathSnapshot snapshot) =>
        snapshot.State.Services[s_shop].Frontends[0].Backends.Any(static backend => backend.State is BackendState.Terminating);

    private async Task CheckAsync(string what, int greenLeast, int greenMost, CancellationToken stop)
    {
        var greens = await Visitor.CountAsync(_visitors, s_address, "green", Dials, stop);
        _transcript.Check(greens >= greenLeast && greens <= greenMost, $"{what}: {Dials - greens} dials to {s_address} answered by blue, {greens} by green");
    }

    private Task<Visitor> DialAsync(string name, CancellationToken stop) => Visitor.DialUntilAsync(_visitors, s_address, name, stop);
}
