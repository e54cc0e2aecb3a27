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

    public ServiceLab(int servers = 2, NoBackendAction noBackend = NoBackendAction.Refuse)
    {
        Pods = new(servers + 1);
        for (var i = 2; i <= servers + 1; i++)
            _servers.Add(new(Pods[i], $"pod{i}", BackendPort));
        Datapath = LinuxDatapath.Open(new()
        {
            CgroupRoot = _cgroup.Cgroup.Path,
            Lifetime = DatapathLifetime.Process,
            NoBackend = noBackend,
            MaxFrontends = 1024,
            MaxSlots = 16384,
        });
    }

    public PodNetwork Pods { get; }

    public LinuxDatapath Datapath { get; }

    public string CgroupPath => _cgroup.Cgroup.Path;

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

        return new(new("default", $"service-{number}"), frontends.ToImmutable());
    }

    /// <summary>Brings a service in, and insists that all of it was applied.</summary>
    public ApplyResult Apply(params ReadOnlySpan<DesiredService> services)
    {
        var result = Datapath.Apply(new([.. services], []));
        Assert.That(result.Failures, Is.Empty);
        return result;
    }

    public void Dispose()
    {
        Datapath.Dispose();
        foreach (var server in _servers)
            server.Dispose();
        Pods.Dispose();
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
