using Datapath.NodeLocalDns;
using Datapath.SampleNode;

return await SampleProgram.RunAsync(static async stop =>
{
    await using var node = await DnsNode.StartAsync(stop);
    return await new Tour(node).RunAsync(stop);
});
