using Datapath.Canary;
using Datapath.SampleNode;

return await SampleProgram.RunAsync(static async stop =>
{
    using var rollout = new Rollout();
    return await rollout.RunAsync(stop);
});
