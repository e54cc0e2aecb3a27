using System.Collections.Immutable;
using System.Net;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>
/// A cgroup, a node with a client pod and server pods, and a datapath that serves the cgroup. The client is pod 1; the others serve their
/// names on port 8080. Services are at 10.96.0.n and fd10:96::n, port 80.
/// </summary>
internal sealed class ServiceLab : IDisposable
{
    public const int ServicePort = 80;
    public const int BackendPort = 8080;

    private readonly TestCgroup _cgroup = new();
    private readonly List<NameServer> _servers = [];

    public ServiceLab(int servers = 2, DatapathLifetime lifetime = DatapathLifetime.Process, NoBackendReply noBackend = NoBackendReply.Refuse)
        : this(servers, options => options with { Lifetime = lifetime, NoBackend = noBackend })
    {
    }

    /// <summary>A lab whose pods may have names, see <see cref="PodNetwork"/>, and one of which may stand for the host's network.</summary>
    public ServiceLab(int servers, Func<LinuxDatapathOptions, LinuxDatapathOptions> configure, bool havePodsNames = false, int? hostPod = null)
    {
        Options = configure(new()
        {
            CgroupRoot = _cgroup.Cgroup.Path,
            BpfRoot = Pins.Path,
            Lifetime = DatapathLifetime.Process,
            MaxFrontends = 1024,
            MaxSlots = 16384,
            MaxStickyClients = 4096,
        });
        try
        {
            Pods = new(servers + 1, havePodsNames);
            if (hostPod is { } host)
                Options = Options with { HostNetworkNamespace = $"/proc/self/fd/{Pods[host].Handle.DangerousGetHandle()}" };
            for (var i = 2; i <= servers + 1; i++)
                _servers.Add(new(Pods[i], $"pod{i}", BackendPort));
            Datapath = LinuxDatapath.Open(Options);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PodNetwork Pods { get; } = null!;

    public TestPins Pins { get; } = new();

    public LinuxDatapathOptions Options { get; private set; }

    public LinuxDatapath Datapath { get; private set; } = null!;

    public string CgroupPath => _cgroup.Cgroup.Path;

    /// <summary>Ends the datapath and opens it again, as a restart of the process does; with other options if so said.</summary>
    public void Reopen(Func<LinuxDatapathOptions, LinuxDatapathOptions>? configure = null)
    {
        Datapath.Dispose();
        Options = configure?.Invoke(Options) ?? Options;
        Datapath = LinuxDatapath.Open(Options);
    }

    public static IPAddress ServiceV4(int number = 1) => IPAddress.Parse($"10.96.0.{number}");

    public static IPAddress ServiceV6(int number = 1) => IPAddress.Parse($"fd10:96::{number:x}");

    /// <summary>A service of both families and both protocols whose backends are the pods of these numbers.</summary>
    public static DesiredService Service(int number, params ReadOnlySpan<int> pods)
    {
        var frontends = ImmutableArray.CreateBuilder<Frontend>();
        foreach (var protocol in new[] { L4Protocol.Tcp, L4Protocol.Udp })
        {
            frontends.Add(Frontend(new(ServiceV4(number), ServicePort, protocol), PodNetwork.V4, pods));
            frontends.Add(Frontend(new(ServiceV6(number), ServicePort, protocol), PodNetwork.V6, pods));
        }

        return new(Name(number), frontends.ToImmutable());
    }

    /// <summary>The name that the lab gives to a service.</summary>
    public static ServiceName Name(int number) => new("default", $"service-{number}");

    public static DesiredState State(params ReadOnlySpan<DesiredService> services) =>
        DesiredState.Empty.With(new([.. services], []));

    /// <summary>Brings a service in, and insists that all of it was applied.</summary>
    public ApplyResult Apply(params ReadOnlySpan<DesiredService> services) => Apply(new ChangeSet([.. services], []));

    public ApplyResult Apply(ChangeSet changes)
    {
        var result = Datapath.Apply(changes);
        Assert.That(result.Failures, Is.Empty);
        return result;
    }

    /// <summary>Takes a pod with a server down.</summary>
    public void TakeDown(int pod)
    {
        _servers[pod - 2].Dispose();
        Pods.TakeDown(pod);
    }

    /// <summary>Makes a pod again that was taken down, with its server.</summary>
    public void MakeAgain(int pod)
    {
        Pods.MakeAgain(pod);
        _servers[pod - 2] = new(Pods[pod], $"pod{pod}", BackendPort);
    }

    public ApplyResult Remove(params ReadOnlySpan<int> services)
    {
        var names = ImmutableArray.CreateBuilder<ServiceName>();
        foreach (var number in services)
            names.Add(Name(number));
        return Apply(new ChangeSet([], names.ToImmutable()));
    }

    /// <summary>The frontend of a service as the kernel holds it: IPv4 and TCP, or what is asked for.</summary>
    public ProgrammedFrontend Frontend(int number, L4Protocol protocol = L4Protocol.Tcp) =>
        Datapath.Read().Single(f => f.Address == new L4Address(ServiceV4(number), ServicePort, protocol));

    public void Dispose()
    {
        Datapath?.Dispose();
        foreach (var server in _servers)
            server.Dispose();
        Pods?.Dispose();
        Pins.Dispose();
        _cgroup.Dispose();
    }

    private static Frontend Frontend(L4Address address, Func<int, IPAddress> addressOf, ReadOnlySpan<int> pods)
    {
        var backends = ImmutableArray.CreateBuilder<Backend>(pods.Length);
        foreach (var pod in pods)
            backends.Add(new(new(addressOf(pod), BackendPort, address.Protocol)));
        return new() { Address = address, Backends = backends.ToImmutable(), UsableCount = pods.Length };
    }
}
