using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting.Tests.Options;

internal sealed class StartValidationTests
{
    private static IHost MakeHost(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<IDatapath, FakeDatapath>();
        configure(builder.Services);
        return builder.Build();
    }

    [Test]
    public async Task Mistakes_stop_the_start_all_named()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["datapath:lifetime"] = "forever", ["datapath:maxSlots"] = "1" })
            .Build();
        using var host = MakeHost(services => services.AddDatapath(configuration.GetSection("datapath")));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.That(
            error!.Failures,
            Is.EqualTo(new[] { "datapath:lifetime: 'forever' must be one of pinned, process", "maxSlots: 1 must be 64 to 16777216" }));
    }

    [Test]
    public async Task Options_set_in_code_are_checked_too()
    {
        using var host = MakeHost(static services => services.AddDatapath(static o => o.BpfRoot = "datapath"));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.That(error!.Failures, Is.EqualTo(new[] { "bpfRoot: 'datapath' must be an absolute path" }));
    }

    [TestCase("/proc/self/ns/gone", "ENOENT")]
    [TestCase("/proc/self/ns/mnt", "EINVAL (it is not a network namespace)")]
    [TestCase("/proc/self/status", "ENOTTY (it is not a network namespace)")]
    public async Task A_path_that_is_no_network_namespace_stops_the_start(string path, string reason)
    {
        using var host = MakeHost(services => services.AddDatapath(o => o.HostNetworkNamespace = path));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.That(
            error!.Failures,
            Is.EqualTo(new[] { $"hostNetworkNamespace: '{path}' must be a network namespace that can be opened: open network namespace '{path}': {reason}" }));
    }

    [Test]
    public void Code_may_go_before_and_after_the_configuration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["node:name"] = "configured" }).Build();
        using var host = MakeHost(services =>
        {
            services.AddDatapath(static o => (o.Node.Name, o.Node.Zone) = ("code", "west"));
            services.AddDatapath(configuration);
            services.AddDatapath(static o => o.MaxSlots = 128);
        });
        var options = host.Services.GetRequiredService<IOptions<DatapathOptions>>().Value;
        Assert.That((options.Node.Name, options.Node.Zone, options.MaxSlots), Is.EqualTo(("configured", "west", 128)));
        Assert.That(host.Services.GetServices<IHostedService>().OfType<ReconcileService>().Count(), Is.EqualTo(1), "one datapath a host");
    }
}
