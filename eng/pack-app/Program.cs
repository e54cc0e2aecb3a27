// A service dial by nothing but the packages: in a cgroup and a network namespace of its own, so that the machine does not notice.
using System.Net;
using System.Net.Sockets;
using Datapath.Hosting;
using Datapath.Linux;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Namespaces;
using Datapath.Policy;

var home = Cgroup2.OpenCurrent();
var cgroup = home.CreateChild($"datapath-packed-{Environment.ProcessId}");
using var network = NetworkNamespace.Create();
var backend = new IPEndPoint(IPAddress.Parse("10.244.0.1"), 8080);
using (var route = network.OpenRouteNetlink())
{
    var loopback = route.GetLink("lo").Index;
    route.SetLinkUp(loopback);
    route.AddAddress(loopback, backend.Address, 32);
}

using var listener = network.Run(() =>
{
    var listening = new TcpListener(backend);
    listening.Start();
    return listening;
});
cgroup.AddCurrentProcess();
try
{
    await using var datapath = await DatapathHost.StartAsync(options =>
    {
        options.CgroupRoot = cgroup.Path;
        options.Lifetime = DatapathLifetime.Process;
    });
    await datapath.Client.UpsertServiceAsync(
        new ServiceBuilder("default", "web").ClusterIP("10.96.0.1").Port(80, backend.Port).Backend(backend.Address.ToString()));
    using var client = network.Run(() => new TcpClient(AddressFamily.InterNetwork));
    await client.ConnectAsync(IPEndPoint.Parse("10.96.0.1:80"));
    using var server = await listener.AcceptTcpClientAsync();
    await server.GetStream().WriteAsync("the backend\n"u8.ToArray());
    using var reader = new StreamReader(client.GetStream());
    Console.WriteLine($"{client.Client.RemoteEndPoint} is answered by {await reader.ReadLineAsync()}");
}
finally
{
    home.AddCurrentProcess();
    cgroup.Delete();
}
