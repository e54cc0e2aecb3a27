using System.Collections.Immutable;
using System.Text;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>A program in the kernel. It lives while a descriptor, a link or a pin holds it; disposing closes this descriptor.</summary>
public sealed unsafe partial class BpfProgram : IDisposable
{
    private BpfProgram(SafeBpfHandle handle, string name, ProgramType type, AttachType attachType) =>
        (Handle, Name, Type, AttachType) = (handle, name, type, attachType);

    /// <summary>The descriptor.</summary>
    public SafeBpfHandle Handle { get; }

    /// <summary>The name of its function.</summary>
    public string Name { get; }

    /// <summary>Its kind.</summary>
    public ProgramType Type { get; }

    /// <summary>The hook that it is made for.</summary>
    public AttachType AttachType { get; }

    /// <summary>Its number, unique while the machine runs.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public uint Id => ReadInfo().Id;

    /// <summary>
    /// How often it ran and for how long, while <c>kernel.bpf_stats_enabled</c> was on (see <see cref="BpfStatistics"/>).
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public BpfRunStatistics Statistics
    {
        get
        {
            var info = ReadInfo();
            return new((long)info.RunCount, (long)info.RunTimeNanoseconds);
        }
    }

    /// <summary>Closes the descriptor.</summary>
    public void Dispose() => Handle.Dispose();

    internal static BpfProgram Load(ProgramSpec spec, ReadOnlySpan<byte> instructions, string license, SafeBpfHandle btf, ImmutableArray<CorePoison> poisons = default)
    {
        var attr = new ProgLoadAttr
        {
            ProgType = (uint)spec.Type,
            ExpectedAttachType = (uint)spec.AttachType,
            ProgFlags = (uint)spec.Flags,
            InstructionCount = (uint)(instructions.Length / BpfInstruction.Size),
            AttachBtfId = spec.AttachBtfId,
        };
        KernelName.Write(spec.Name, new Span<byte>(attr.Name, KernelName.Size));
        using var lease = btf.Lease();
        attr.BtfFd = lease.Fd;

        // The kernel counts in instructions, the file in bytes.
        BtfFunctionInfo[] functionInfo = [.. spec.Functions.Select(static f => f with { Offset = f.Offset / BpfInstruction.Size })];
        BtfLineInfo[] lineInfo = [.. spec.Lines.Select(static l => l with { Offset = l.Offset / BpfInstruction.Size })];
        (attr.FuncInfoRecordSize, attr.FuncInfoCount) = ((uint)sizeof(BtfFunctionInfo), (uint)functionInfo.Length);
        (attr.LineInfoRecordSize, attr.LineInfoCount) = ((uint)sizeof(BtfLineInfo), (uint)lineInfo.Length);
        fixed (BtfFunctionInfo* functions = functionInfo)
        fixed (BtfLineInfo* lines = lineInfo)
        fixed (byte* code = instructions)
        fixed (byte* licenseText = Encoding.UTF8.GetBytes(license + '\0'))
        {
            attr.Instructions = (ulong)code;
            attr.License = (ulong)licenseText;
            attr.FuncInfo = (ulong)functions;
            attr.LineInfo = (ulong)lines;
            // Without a log first: writing one costs the verifier most of its time.
            var errno = Libc.Bpf(BpfCommand.ProgLoad, ref attr, out var fd);
            if (errno is Errno.None)
                return new(new SafeBpfHandle(fd), spec.Name, spec.Type, spec.AttachType);
            throw Explain(spec, errno, ref attr, poisons.IsDefault ? [] : poisons);
        }
    }

    private static Exception Explain(ProgramSpec spec, Errno errno, ref ProgLoadAttr attr, ImmutableArray<CorePoison> poisons)
    {
        if (errno is Errno.EPERM)
            return new BpfException($"load program '{spec.Name}'", errno);
        var log = ReadLog(ref attr);
        if (errno is Errno.EINVAL)
        {
            foreach (var feature in FeaturesOf(spec.AttachType))
            {
                if (!feature.IsSupported)
                    return new FeatureNotSupportedException(feature);
            }
        }

        return log.IsEmpty ? new BpfException($"load program '{spec.Name}'", errno) : new VerifierException(spec.Name, errno, log, CoreLinker.Explain(poisons, log));
    }

    private static IEnumerable<BpfFeature> FeaturesOf(AttachType hook)
    {
        if (hook is AttachType.CgroupUdp4Recvmsg or AttachType.CgroupUdp6Recvmsg)
            yield return BpfFeature.RecvmsgHook;
        if (hook is AttachType.CgroupInet4GetPeername or AttachType.CgroupInet6GetPeername)
            yield return BpfFeature.GetPeernameHook;
        if (hook is AttachType.Netfilter)
            yield return BpfFeature.NetfilterLink;
        yield return BpfFeature.SocketStorage;
        yield return BpfFeature.SetReturnValue;
    }

    // Asks again, with a buffer that grows until the log fits.
    private static ImmutableArray<string> ReadLog(ref ProgLoadAttr attr)
    {
        for (var size = 1 << 20; size <= 1 << 26; size <<= 2)
        {
            var buffer = new byte[size];
            fixed (byte* log = buffer)
            {
                attr.LogBuffer = (ulong)log;
                attr.LogSize = (uint)size;
                attr.LogLevel = 1;
                var errno = Libc.Bpf(BpfCommand.ProgLoad, ref attr, out var fd);
                if (errno is Errno.None)
                    _ = Libc.close(fd); // it passed this time; the first refusal stands
                if (errno is Errno.ENOSPC)
                    continue;
                var text = Encoding.UTF8.GetString(buffer.AsSpan(0, Math.Max(0, buffer.AsSpan().IndexOf((byte)0))));
                return [.. text.Split('\n').Where(static line => line.Length > 0)];
            }
        }

        return ["the verifier's log does not fit 64 MiB"];
    }

    private RawProgramInfo ReadInfo() => ReadInfo(Handle, Name);

    private static RawProgramInfo ReadInfo(SafeBpfHandle handle, string name)
    {
        using var lease = handle.Lease();
        RawProgramInfo info = default;
        var attr = new InfoAttr { BpfFd = lease.Fd, Info = (ulong)(&info), InfoLength = (uint)sizeof(RawProgramInfo) };
        BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.ObjGetInfoByFd, ref attr), $"read what the kernel says of program '{name}'");
        return info;
    }
}

/// <summary>What a program has cost.</summary>
/// <param name="Runs">How often it ran.</param>
/// <param name="Nanoseconds">How long it ran in all.</param>
public readonly record struct BpfRunStatistics(long Runs, long Nanoseconds);
