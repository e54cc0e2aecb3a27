using System.Diagnostics.CodeAnalysis;
using System.Text;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>Types that are loaded in the kernel, by number. What was read once is kept: many programs and maps share theirs.</summary>
internal sealed unsafe class BtfObjects
{
    private readonly Dictionary<uint, BtfIndex?> _read = [];

    /// <summary>The types of a number; null if there are none, they are gone, or this process may not see them.</summary>
    public BtfIndex? Find(uint id)
    {
        if (id == 0)
            return null;
        if (!_read.TryGetValue(id, out var types))
            _read.Add(id, types = Read(id));
        return types;
    }

    /// <summary>What the kernel says of a BTF object.</summary>
    public static BtfDetails ReadDetails(SafeBpfHandle handle)
    {
        using var lease = handle.Lease();
        const int Room = 64; // a module's name has at most 56 bytes
        var name = stackalloc byte[Room];
        new Span<byte>(name, Room).Clear();
        var info = new RawBtfInfo { Name = (ulong)name, NameLength = Room };
        var attr = new InfoAttr { BpfFd = lease.Fd, Info = (ulong)(&info), InfoLength = (uint)sizeof(RawBtfInfo) };
        BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.ObjGetInfoByFd, ref attr), $"read what the kernel says of a BTF object");
        var text = new ReadOnlySpan<byte>(name, Room);
        return new(info.Id, Encoding.UTF8.GetString(text[..Math.Max(0, text.IndexOf((byte)0))]), info.BtfSize, info.IsKernel != 0);
    }

    /// <summary>The bytes of a BTF object.</summary>
    public static byte[] ReadBytes(SafeBpfHandle handle)
    {
        var bytes = new byte[ReadDetails(handle).Size];
        using var lease = handle.Lease();
        fixed (byte* data = bytes)
        {
            var info = new RawBtfInfo { Btf = (ulong)data, BtfSize = (uint)bytes.Length };
            var attr = new InfoAttr { BpfFd = lease.Fd, Info = (ulong)(&info), InfoLength = (uint)sizeof(RawBtfInfo) };
            BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.ObjGetInfoByFd, ref attr), $"read a BTF object");
        }

        return bytes;
    }

    /// <summary>Reads the types of a number.</summary>
    /// <returns>Whether there are any.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    /// <exception cref="InvalidBpfObjectException">A newer kernel took a kind of type that is not known here.</exception>
    public static bool TryRead(uint id, [NotNullWhen(true)] out BtfTypes? types)
    {
        types = null;
        if (!ObjectIds.Types.TryOpen(id, out var handle))
            return false;
        using (handle)
        {
            var details = ReadDetails(handle!);
            types = details switch
            {
                { IsModule: true } => new(BtfIndex.Parse(ReadBytes(handle!), KernelBtf.Running.Index)),
                { IsKernel: true } => KernelBtf.Running.Types, // the same, and not copied
                _ => new(BtfIndex.Parse(ReadBytes(handle!))),
            };
            return true;
        }
    }

    private static BtfIndex? Read(uint id)
    {
        try
        {
            return TryRead(id, out var types) ? types.Index : null;
        }
        catch (LinuxException e) when (e.Errno is Errno.EPERM or Errno.EACCES or Errno.ENOENT)
        {
            return null;
        }
        catch (InvalidBpfObjectException)
        {
            return null; // a newer kernel took a kind of type that is not known here
        }
    }
}
