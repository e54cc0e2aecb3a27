using System.Globalization;
using Datapath;
using Datapath.Kernel.Tests.Victim;
using Datapath.Linux;

// Arguments: the pin folder, the cgroup, the first version. Applies one version after the other until it is killed.
var options = new LinuxDatapathOptions { BpfRoot = args[0], CgroupRoot = args[1], MaxFrontends = Versions.MaxFrontends, MaxSlots = Versions.MaxSlots };
var version = int.Parse(args[2], CultureInfo.InvariantCulture);
Console.WriteLine("opening");
using var datapath = LinuxDatapath.Open(options);
Check(datapath.Replace(DesiredState.Empty.With(new(Versions.Of(version), []))));
Console.WriteLine("ready");
while (true)
    Check(datapath.Apply(new(Versions.Of(++version), [])));

static void Check(ApplyResult result)
{
    if (!result.Failures.IsEmpty)
        throw new InvalidOperationException(result.Failures[0].ToString());
}
