using System.Net.Sockets;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>What <c>uninstall</c> removes of masquerading.</summary>
internal sealed class NatUninstallTests
{
    private const string Table = NftablesMasqueradeOptions.DefaultTable;

    private NatAgentLab _agents = null!;
    private NftNetlink _tables = null!;

    private void StartLab(string engine)
    {
        _agents = new(engine);
        _tables = _agents.Lab.Node.Run(static () => new NftNetlink());
    }

    [TearDown]
    public void StopLab()
    {
        _tables.Dispose();
        _agents.Dispose();
    }

    [TestCase("ebpf", "nftables")]
    [TestCase("nftables", "ebpf")]
    [TestCase("nftables", "nftables")]
    public void What_the_last_start_left_goes_whichever_engine_is_configured_now(string left, string configured)
    {
        StartLab(left);
        using (var agent = _agents.Start())
            Assert.That(agent.Stop(), Is.Zero, agent.Errors);
        using var callee = new Callee(_agents.Lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Assert.That(callee.TakeFrom(_agents.Lab.Pod).Address, Is.EqualTo(NatLab.Node4), "it goes on without an agent");
        _agents.Configure(configured);
        var run = _agents.Run("uninstall");
        var removed = left is "ebpf" ? $"removed '{_agents.BpfRoot}-masquerade'" : $"removed table '{Table}'";
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((0, $"no datapath in '{_agents.BpfRoot}', nothing to remove there\n{removed}\n")), run.Errors);
        Assert.That((Directory.Exists($"{_agents.BpfRoot}-masquerade"), _tables.ListTables().Count), Is.EqualTo((false, 0)));
        Assert.That(_agents.Run("uninstall").Output, Is.EqualTo($"no datapath in '{_agents.BpfRoot}', nothing to remove there\n"));
    }

    [Test]
    public void What_another_pin_folder_left_stays()
    {
        StartLab("ebpf");
        _agents.Lab.Node.Run(static () => NftablesMasquerade.Open(new() { Devices = ["eth0"], Owner = "/sys/fs/bpf/another-masquerade" }).Dispose());
        var run = _agents.Run("uninstall");
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((0, $"no datapath in '{_agents.BpfRoot}', nothing to remove there\n")), run.Errors);
        using (var agent = _agents.Start())
        {
            Assert.That(agent.Errors, Does.Not.Contain("Masquerading had another engine before"));
            Assert.That(agent.Stop(), Is.Zero, agent.Errors);
        }

        Assert.That(_tables.ListTables(), Is.EqualTo([Table]));
        _agents.Configure("nftables");
        var refused = _agents.Run("run", "--manifests", _agents.At("manifests"));
        Assert.That((refused.ExitCode, refused.Errors), Is.EqualTo((1, $"datapath-agent: table '{Table}' belongs to '/sys/fs/bpf/another-masquerade'; uninstall that, or choose another Table\n")));
    }

    [TestCase("ebpf")]
    [TestCase("nftables")]
    public void Pins_of_another_datapath_in_the_folder_stay_and_keep_nothing_else_from_going(string engine)
    {
        StartLab(engine);
        using (var agent = _agents.Start())
            Assert.That(agent.Stop(), Is.Zero, agent.Errors);
        foreach (var folder in new[] { "maps", "links", "other/maps", "other/links" })
            BpfFileSystem.CreateDirectory($"{_agents.BpfRoot}/{folder}");
        try
        {
            var run = _agents.Run("uninstall");
            Assert.That((run.ExitCode, run.Output.StartsWith("removed ", StringComparison.Ordinal)), Is.EqualTo((1, true)), run.Errors);
            Assert.That(run.Errors, Does.StartWith($"datapath-agent: delete '{_agents.BpfRoot}': ENOTEMPTY (nothing of this datapath is left there, but the folder holds pins of another datapath in '{_agents.BpfRoot}/other'"));
            Assert.That((Directory.Exists($"{_agents.BpfRoot}-masquerade"), _tables.ListTables().Count), Is.EqualTo((false, 0)));
            Assert.That(Directory.GetFileSystemEntries(_agents.BpfRoot), Is.EqualTo(new[] { $"{_agents.BpfRoot}/other" }));
        }
        finally
        {
            Directory.Delete(_agents.BpfRoot, recursive: true);
        }
    }

    [TestCase("ebpf")]
    [TestCase("nftables")]
    public void Where_the_network_namespace_is_gone_the_rest_goes_and_it_is_said(string engine)
    {
        StartLab(engine);
        using (var agent = _agents.Start())
            Assert.That(agent.Stop(), Is.Zero, agent.Errors);
        _agents.LoseNode();
        var run = _agents.Run("uninstall");
        var removed = engine is "ebpf" ? $"removed '{_agents.BpfRoot}-masquerade'\n" : "";
        Assert.That(
            (run.ExitCode, run.Output),
            Is.EqualTo((0, $"no datapath in '{_agents.BpfRoot}', nothing to remove there\nnetwork namespace '{_agents.HostNetwork}' is gone, and what masqueraded in it with it\n{removed}")), run.Errors);
        Assert.That(Directory.Exists($"{_agents.BpfRoot}-masquerade"), Is.False);
    }
}
