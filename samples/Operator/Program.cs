using Datapath.Operator;
using Datapath.SampleNode;

return args switch
{
    [] => await SampleProgram.RunAsync(static async stop =>
    {
        await using var tour = await Tour.StartAsync(stop);
        return await tour.RunAsync(stop);
    }),
    ["--kubeconfig", var file] => await ClusterRun.RunAsync(file, cgroup: null),
    ["--kubeconfig", var file, "--cgroup", var cgroup] => await ClusterRun.RunAsync(file, cgroup),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Operator                                      shows itself, with an API server of its own");
    Console.Error.WriteLine("       Operator --kubeconfig FILE [--cgroup FOLDER]  reconciles the rollouts of a cluster until it is stopped;");
    Console.Error.WriteLine("                                                     without --cgroup every process of the machine is served");
    return 2;
}
