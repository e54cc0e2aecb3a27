using System.Net;
using System.Net.Sockets;
using Datapath.SampleNode;

namespace Datapath.MasqueradeSample;

/// <summary>Whom a router sees when pods send: the node or the pod, by what is configured.</summary>
internal sealed class Tour(LabNetwork network)
{
    private readonly Transcript _transcript = new();

    public async Task<bool> RunAsync(CancellationToken stop)
    {
        Transcript.Heading("Everything that leaves is masqueraded, but within the native-routing ranges 10.0.0.0/16 and fd00::/46");
        await using (await MasqueradingNode.StartAsync(network.One, agentFile: null, stop))
        await using (await MasqueradingNode.StartAsync(network.Two, agentFile: null, stop))
        {
            Show(network.One, LabNetwork.ServerOne, isMasqueraded: true);
            Show(network.Two, LabNetwork.ServerOne, isMasqueraded: true);
            Show(network.One, network.Two.PodAddress, isMasqueraded: false);
            Show(network.Two, network.One.PodAddress, isMasqueraded: false);
        }

        var folder = Directory.CreateTempSubdirectory("datapath-sample-");
        try
        {
            await ShowAgentAsync(Path.Combine(folder.FullName, "ip-masq-agent"), stop);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return _transcript.IsAsExpected;
    }

    private async Task ShowAgentAsync(string file, CancellationToken stop)
    {
        Transcript.Heading("With the ip-masq-agent, and no file: private IPv4 destinations see the pod");
        await using var node = await MasqueradingNode.StartAsync(network.One, file, stop);
        Show(network.One, LabNetwork.ServerOne, isMasqueraded: false, AddressFamily.InterNetwork);
        Show(network.One, LabNetwork.ServerTwo, isMasqueraded: false, AddressFamily.InterNetwork);
        Show(network.One, LabNetwork.ServerOne, isMasqueraded: true, AddressFamily.InterNetworkV6);

        const string List = "nonMasqueradeCIDRs: [10.0.0.0/16, 10.10.1.0/24, \"fd00:10:1::/64\"]";
        Transcript.Heading($"The file says {List}");
        Replace(file, List);
        await node.UntilAsync("10.10.2.200 is masqueraded", state => IsMasqueraded(state, LabNetwork.ServerTwo.IPv4) && !IsMasqueraded(state, LabNetwork.ServerOne.IPv6), stop);
        Show(network.One, LabNetwork.ServerOne, isMasqueraded: false);
        Show(network.One, LabNetwork.ServerTwo, isMasqueraded: true);

        Transcript.Heading("The file says the same of 10.10.2.0/24 and fd00:10:2::/64, while the node goes on");
        Replace(file, "nonMasqueradeCIDRs: [10.0.0.0/16, 10.10.2.0/24, \"fd00:10:2::/64\"]");
        await node.UntilAsync("10.10.1.200 is masqueraded", state => IsMasqueraded(state, LabNetwork.ServerOne.IPv4), stop);
        Show(network.One, LabNetwork.ServerOne, isMasqueraded: true);
        Show(network.One, LabNetwork.ServerTwo, isMasqueraded: false);
    }

    private bool IsMasqueraded(MasqueradeState state, IPAddress destination) =>
        state.Decide(new(network.One.PodAddress.Of(destination.AddressFamily), destination) { Interface = "pod0" }).Verdict.Action is MasqueradeAction.Translate;

    private void Show(LabNode from, Address to, bool isMasqueraded)
    {
        Show(from, to, isMasqueraded, AddressFamily.InterNetwork);
        Show(from, to, isMasqueraded, AddressFamily.InterNetworkV6);
    }

    private void Show(LabNode from, Address to, bool isMasqueraded, AddressFamily family)
    {
        using var router = new Observer(network.Router, from.Name);
        var (isAnswered, seen) = Pinger.Ping(from.Pod, to.Of(family), content => router.Read(to.Of(family), content));
        var expected = (isMasqueraded ? from.Address : from.PodAddress).Of(family);
        _transcript.Check(seen.Source.Equals(expected) && isAnswered, $"{seen}{(isAnswered ? "" : ", not answered")}{(isMasqueraded ? "" : " (the pod's own address)")}");
    }

    // In one step: the file is being watched.
    private static void Replace(string file, string text)
    {
        File.WriteAllText(file + "_new", text);
        File.Move(file + "_new", file, overwrite: true);
    }
}
