using Datapath.Bench.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Bench.Nat;

/// <summary>Programs that do nothing at a device, one out and one in.</summary>
internal sealed class EmptyPrograms : IDisposable
{
    private readonly BpfObject _object = BpfObject.Load(BpfObjectSpec.Parse(Resource.Read("empty_tc.bpf.o")));
    private readonly List<TcAttachment> _attachments = [];

    /// <param name="device">The device's number in the network namespace of the calling thread.</param>
    public EmptyPrograms(int device)
    {
        try
        {
            _attachments.Add(TcAttachment.Attach(_object.Programs["empty_out"], new() { InterfaceIndex = device, Direction = TcxDirection.Egress }));
            _attachments.Add(TcAttachment.Attach(_object.Programs["empty_in"], new() { InterfaceIndex = device, Direction = TcxDirection.Ingress }));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How often they ran, and for how long.</summary>
    public IEnumerable<BpfRunStatistics> Statistics => _object.Programs.Values.Select(static program => program.Statistics);

    public void Dispose()
    {
        foreach (var attachment in _attachments)
            attachment.Dispose();
        _object.Dispose();
    }
}
