using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf;

/// <summary>Pages of this process that belong to a map.</summary>
internal sealed unsafe class MappedPages : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly nuint _length;

    public MappedPages(void* address, nuint length)
        : base(ownsHandle: true)
    {
        SetHandle((nint)address);
        _length = length;
    }

    protected override bool ReleaseHandle() => Libc.munmap((void*)handle, _length) == 0;
}
