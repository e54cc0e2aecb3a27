using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>Looks for engines like this one at its devices: with two, the second translates what the first has translated, and answers miss one of them.</summary>
internal static class OtherTranslators
{
    /// <summary>Tells of them, in words. It takes CAP_SYS_ADMIN to know whose programs are attached; without it none is found.</summary>
    /// <param name="devices">The devices, in the network namespace of the calling thread.</param>
    /// <param name="own">The number of the engine's own program for packets that leave.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static IEnumerable<string> Find(IEnumerable<MasqueradeDevice> devices, uint own)
    {
        foreach (var device in devices)
        {
            foreach (var id in ProgramsOf(device.Index).Where(id => id != own && IsEngine(id)))
                yield return $"device '{device.Name}' has another egress NAT beside this one (program {id}): packets are translated twice, and answers are lost; uninstall one of them, or give them different devices";
        }
    }

    private static IEnumerable<uint> ProgramsOf(int device) =>
        (BpfFeature.Tcx.IsSupported ? TcxLink.Query(device, TcxDirection.Egress).Programs.Select(static program => program.ProgramId) : [])
        .Concat(TcFilter.Query(device, TcxDirection.Egress).Select(static filter => filter.ProgramId).Where(static id => id != 0));

    private static bool IsEngine(uint id)
    {
        try
        {
            using var program = BpfProgram.OpenById(id);
            return program.Name == MasqueradeObject.Egress;
        }
        catch (BpfException e) when (e.Errno is Errno.EPERM or Errno.ENOENT)
        {
            return false; // not for us to know; or it ended meanwhile
        }
    }
}
