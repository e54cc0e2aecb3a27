using Datapath.MasqueradeSample;
using Datapath.SampleNode;

return await SampleProgram.RunAsync(static async stop =>
{
    using var network = new LabNetwork();
    return await new Tour(network).RunAsync(stop);
});
