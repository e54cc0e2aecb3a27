using System.Runtime.InteropServices;

namespace Datapath.Linux;

/// <summary>Keeps descriptors open while their numbers stand where no marshaller sees them.</summary>
internal sealed class HandleLeases : IDisposable
{
    private readonly List<SafeHandle> _held = [];

    /// <exception cref="ObjectDisposedException">One of them is closed.</exception>
    public HandleLeases(IEnumerable<SafeHandle> handles)
    {
        try
        {
            foreach (var handle in handles)
            {
                (handle as SafeBpfHandle)?.ThrowIfClosed();
                var isHeld = false;
                handle.DangerousAddRef(ref isHeld);
                _held.Add(handle);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var handle in _held)
            handle.DangerousRelease();
        _held.Clear();
    }
}
