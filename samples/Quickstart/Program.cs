using Datapath.Quickstart;
using Datapath.SampleNode;

return await SampleProgram.RunAsync(static async stop =>
{
    using var tour = new Tour();
    return await tour.RunAsync(stop);
});
