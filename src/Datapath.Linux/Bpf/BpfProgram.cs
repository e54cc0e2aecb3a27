using System.Collections.Immutable;
using System.Text;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>A program in the kernel. It lives while a descriptor, a link or a pin holds it; disposing closes this descriptor.</summary>
public sealed unsafe partial class BpfProgram : IDisposable
{
    private const int MaxLogSize = 1 << 26;

    private BpfProgram(SafeBpfHandle handle, string name, ProgramType type, AttachType attachType, ImmutableArray<string> verifierLog = default) =>
        (Handle, Name, Type, AttachType, VerifierLog) = (handle, name, type, attachType, verifierLog.IsDefault ? [] : verifierLog);

    /// <summary>The descriptor.</summary>
    public SafeBpfHandle Handle { get; }

    /// <summary>The name of its function.</summary>
    public string Name { get; }

    /// <summary>Its kind.</summary>
    public ProgramType Type { get; }

    /// <summary>The hook that it is made for.</summary>
    public AttachType AttachType { get; }

    /// <summary>What the verifier wrote when the program was loaded, line by line; empty unless <see cref="BpfLoadOptions.VerifierLog"/> asked for it.</summary>
    public ImmutableArray<string> VerifierLog { get; }

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

    internal static BpfProgram Load(
        ProgramSpec spec,
        ReadOnlySpan<byte> instructions,
        string license,
        SafeBpfHandle btf,
        ImmutableArray<CorePoison> poisons = default,
        VerifierLogLevel logLevel = VerifierLogLevel.None)
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
            // Without a log first, unless asked for: writing one costs the verifier most of its time.
            var log = ImmutableArray<string>.Empty;
            var errno = logLevel is VerifierLogLevel.None
                ? Libc.Bpf(BpfCommand.ProgLoad, ref attr, out var fd)
                : LoadWithLog(ref attr, logLevel, out fd, out log);
            if (errno is Errno.None)
                return new(new SafeBpfHandle(fd), spec.Name, spec.Type, spec.AttachType, log);
            throw Explain(spec, errno, ref attr, logLevel, poisons.IsDefault ? [] : poisons);
        }
    }

    private static Exception Explain(ProgramSpec spec, Errno errno, ref ProgLoadAttr attr, VerifierLogLevel logLevel, ImmutableArray<CorePoison> poisons)
    {
        if (errno is Errno.EPERM)
            return new BpfException($"load program '{spec.Name}'", errno);
        if (LoadWithLog(ref attr, logLevel | VerifierLogLevel.Paths, out var fd, out var log) is Errno.None)
            _ = Libc.close(fd); // it passed this time; the first refusal stands
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
        yield return BpfFeature.SocketStorage;
        yield return BpfFeature.SetReturnValue;
    }

    // Loads with a buffer that grows until the log fits.
    private static Errno LoadWithLog(ref ProgLoadAttr attr, VerifierLogLevel level, out int fd, out ImmutableArray<string> log)
    {
        for (var size = 1 << 20; ; size <<= 2)
        {
            var buffer = new byte[size];
            fixed (byte* text = buffer)
            {
                (attr.LogBuffer, attr.LogSize, attr.LogLevel) = ((ulong)text, (uint)size, (uint)level);
                var errno = Libc.Bpf(BpfCommand.ProgLoad, ref attr, out fd);
                if (errno is Errno.ENOSPC && size < MaxLogSize)
                    continue;
                log = errno is Errno.ENOSPC
                    ? ["the verifier's log does not fit 64 MiB"]
                    : [.. Encoding.UTF8.GetString(buffer.AsSpan(0, Math.Max(0, buffer.AsSpan().IndexOf((byte)0)))).Split('\n').Where(static line => line.Length > 0)];
                return errno;
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
public readonly record struct BpfRunStatistics(long Runs, long Nanoseconds)
{
    /// <summary>How long a run took on average, in nanoseconds; 0 if there was none.</summary>
    public double NanosecondsPerRun => Runs == 0 ? 0 : (double)Nanoseconds / Runs;

    /// <summary>What was added from one reading to a later one.</summary>
    /// <param name="later">The later reading.</param>
    /// <param name="earlier">The earlier one.</param>
    public static BpfRunStatistics operator -(BpfRunStatistics later, BpfRunStatistics earlier) => later.Since(earlier);

    /// <summary>What was added since an earlier reading.</summary>
    /// <param name="earlier">The earlier reading.</param>
    public BpfRunStatistics Since(BpfRunStatistics earlier) => new(Runs - earlier.Runs, Nanoseconds - earlier.Nanoseconds);
}
