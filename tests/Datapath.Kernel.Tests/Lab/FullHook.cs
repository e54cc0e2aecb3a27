using Datapath.Kernel.Tests.Bpf;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Somebody whose programs have all places at one direction of a device, by tcx: whoever was there is detached, and no program fits any more.</summary>
internal sealed class FullHook : IDisposable
{
    private readonly List<TcxLink> _links = [];

    /// <summary>Takes them all. Call it in the network namespace of the device.</summary>
    public FullHook(int interfaceIndex, TcxDirection direction)
    {
        // Who is detached may be back at once, as long as there is room.
        while (FindOthers(interfaceIndex, direction) is [_, ..] others)
        {
            foreach (var other in others)
            {
                using var link = BpfLink.OpenById(other.LinkId);
                link.Detach();
            }

            Fill(interfaceIndex, direction);
        }
    }

    /// <summary>Goes.</summary>
    public void Dispose()
    {
        foreach (var link in _links)
            link.Dispose();
    }

    private AttachedProgram[] FindOthers(int interfaceIndex, TcxDirection direction) =>
        [.. TcxLink.Query(interfaceIndex, direction).Programs.Where(program => _links.TrueForAll(link => link.Info.Id != program.LinkId))];

    private void Fill(int interfaceIndex, TcxDirection direction)
    {
        try
        {
            while (true)
            {
                using var passing = TestPrograms.Return(-1, ProgramType.SchedClassifier); // leaves each packet to the next; one program has one place
                _links.Add(TcxLink.Attach(passing, new() { InterfaceIndex = interfaceIndex, Direction = direction }));
            }
        }
        catch (BpfException e) when (e.Errno is Errno.ERANGE)
        {
            // The kernel has no place left.
        }
    }
}
