using System.Globalization;
using System.Net;
using Datapath;
using Datapath.Kernel.Tests.Victim;
using Datapath.Linux;

// Arguments: the pin folder, the cgroup, the first version. Applies one version after the other until it is killed. With two more, the step at which it is
// to die and the sizes as "frontends/slots", it starts, applies the version without the last service of it, and ends.
// Or "masquerade" and those of NatVictim, or the name of NftablesVictim and its own.
if (args is [NftablesVictim.Name, var device, var pods])
{
    NftablesVictim.Run(device, IPNetwork.Parse(pods));
    return;
}

if (args is [NftablesVictim.Name, NatVictim.Obedient])
{
    NftablesVictim.Obey();
    return;
}

if (args[0] == "masquerade")
{
    NatVictim.Run(args.AsSpan(1));
    return;
}

var options = new LinuxDatapathOptions { BpfRoot = args[0], CgroupRoot = args[1], MaxFrontends = Versions.MaxFrontends, MaxSlots = Versions.MaxSlots };
var version = int.Parse(args[2], CultureInfo.InvariantCulture);
if (args.Length > 3)
{
    var sizes = args[4].Split('/');
    DieAtStep(int.Parse(args[3], CultureInfo.InvariantCulture), options with
    {
        MaxFrontends = int.Parse(sizes[0], CultureInfo.InvariantCulture),
        MaxSlots = int.Parse(sizes[1], CultureInfo.InvariantCulture),
    });
    return;
}

Console.WriteLine("opening");
using var datapath = LinuxDatapath.Open(options);
Check(datapath.Replace(DesiredState.Empty.With(new(Versions.Of(version), []))));
Console.WriteLine("ready");
while (true)
    Check(datapath.Apply(new(Versions.Of(++version), [])));

void DieAtStep(int step, LinuxDatapathOptions resized)
{
    using var playing = new DyingKernel(step).Play();
    using var dying = LinuxDatapath.Open(resized);
    var services = Versions.Of(version);
    Check(dying.Apply(new(services[..^1], [services[^1].Name])));
    Console.WriteLine("done");
}

static void Check(ApplyResult result)
{
    if (!result.Failures.IsEmpty)
        throw new InvalidOperationException(result.Failures[0].ToString());
}
