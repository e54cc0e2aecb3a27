using System.Collections.Immutable;
using System.Text;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>A program in the kernel. It lives while a descriptor, a link or a pin holds it; disposing closes this descriptor.</summary>
/// <remarks>Minimum kernel: 4.13 to open one; <see cref="BpfObject"/> and <see cref="ProgramType"/> say what loading takes.</remarks>
public sealed unsafe partial class BpfProgram : IDisposable
{
    private const int FirstLogSize = 1 << 20;
    private const int LastLogSize = 1 << 26;

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
            if (errno is Errno.EPERM && BpfPermission.TryRaiseMemlock())
                errno = Libc.Bpf(BpfCommand.ProgLoad, ref attr, out fd);
            if (errno is Errno.None)
                return new(new SafeBpfHandle(fd), spec.Name, spec.Type, spec.AttachType);
            throw Explain(spec, errno, ref attr, poisons.IsDefault ? [] : poisons);
        }
    }

    private static Exception Explain(ProgramSpec spec, Errno errno, ref ProgLoadAttr attr, ImmutableArray<CorePoison> poisons)
    {
        if (errno is Errno.EPERM)
            return BpfException.Refusal($"load program '{spec.Name}'", errno, BpfPermission.Of(spec.Type));
        if (errno is Errno.EAGAIN)
            return new BpfException($"load program '{spec.Name}'", errno, "signals kept interrupting the verifier");
        var log = ReadLog(errno, ref attr);
        if (errno is Errno.EINVAL)
        {
            foreach (var feature in FeaturesOf(spec, log))
            {
                if (!feature.IsSupported)
                    return new FeatureNotSupportedException(feature);
            }
        }

        return log.IsEmpty ? new BpfException($"load program '{spec.Name}'", errno, ReasonWithoutLog(errno, attr.InstructionCount)) : new VerifierException(spec.Name, errno, log, CoreLinker.Explain(poisons, log));
    }

    private static string? ReasonWithoutLog(Errno errno, uint instructions) => errno is Errno.E2BIG
        ? $"{instructions} instructions are more than this kernel takes (1,000,000 since Linux 5.2, 4,096 without CAP_BPF), or the call is larger than it knows"
        : null;

    // What the program asks for that old kernels lack. The helpers are asked for only if the verifier stumbled over them: an old kernel may have
    // had another reason.
    private static IEnumerable<BpfFeature> FeaturesOf(ProgramSpec spec, ImmutableArray<string> log)
    {
        if (spec.AttachType is AttachType.CgroupUdp4Recvmsg or AttachType.CgroupUdp6Recvmsg)
            yield return BpfFeature.RecvmsgHook;
        if (spec.AttachType is AttachType.CgroupInet4GetPeername or AttachType.CgroupInet6GetPeername)
            yield return BpfFeature.GetPeernameHook;
        if (spec.AttachType is AttachType.TraceIterator)
            yield return BpfFeature.Iterator;
        if (spec.Type is ProgramType.Netfilter)
            yield return BpfFeature.NetfilterLink;
        if (spec.Type is ProgramType.Syscall)
            yield return BpfFeature.SyscallProgram;
        if (spec.Flags.HasFlag(ProgramFlags.HasFragments))
            yield return BpfFeature.XdpFragments;
        if (StumbledOver(log, "#107")) // bpf_sk_storage_get
            yield return BpfFeature.SocketStorage;
        if (StumbledOver(log, "#187")) // bpf_set_retval
            yield return BpfFeature.SetReturnValue;
    }

    // invalid func unknown#187; unknown func bpf_set_retval#187; program of this type cannot use helper bpf_set_retval#187
    private static bool StumbledOver(ImmutableArray<string> log, string helper) => log.Any(line =>
        line.EndsWith(helper, StringComparison.Ordinal)
        && (line.Contains(" func ", StringComparison.Ordinal) || line.Contains("cannot use helper", StringComparison.Ordinal)));

    // Asks again, with a buffer that grows until the log fits. Since Linux 6.4 a buffer that is too small holds the end of the log, where the
    // reason is: enough for a program that the verifier gave up on, whose log would take minutes and gigabytes.
    private static ImmutableArray<string> ReadLog(Errno refusal, ref ProgLoadAttr attr)
    {
        for (var size = FirstLogSize; ; size <<= 2)
        {
            var buffer = new byte[size];
            fixed (byte* log = buffer)
            {
                attr.LogBuffer = (ulong)log;
                attr.LogSize = (uint)size;
                attr.LogLevel = 1;
                var errno = Libc.Bpf(BpfCommand.ProgLoad, ref attr, out var fd);
                if (errno is Errno.None)
                {
                    _ = Libc.close(fd); // it passed this time, so the verifier has no reason to give; the first refusal stands
                    return [];
                }

                var text = Encoding.UTF8.GetString(buffer.AsSpan(0, Math.Max(0, buffer.AsSpan().IndexOf((byte)0))));
                ImmutableArray<string> lines = [.. text.Split('\n').Where(static line => line.Length > 0)];
                if (errno is not Errno.ENOSPC)
                    return lines;
                var isEnd = lines is [.., var last] && last.StartsWith("processed ", StringComparison.Ordinal);
                if (isEnd && (refusal is Errno.E2BIG || size == LastLogSize))
                    return ["(what comes before does not fit)", .. lines[1..]];
                if (size == LastLogSize)
                    return [$"the verifier's log does not fit {LastLogSize >> 20} MiB"];
            }
        }
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
/// <remarks>Minimum kernel: 5.1.</remarks>
public readonly record struct BpfRunStatistics(long Runs, long Nanoseconds);
