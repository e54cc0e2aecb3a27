using System.Collections.Immutable;
using System.Text;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>A program in the kernel. It lives while a descriptor, a link or a pin holds it; disposing closes this descriptor.</summary>
/// <remarks>Minimum kernel: 4.13 to open one; <see cref="BpfObject"/> and <see cref="ProgramType"/> say what loading takes.</remarks>
public sealed unsafe partial class BpfProgram : IDisposable
{
    private BpfProgram(SafeBpfHandle handle, string name, ProgramType type, AttachType? attachType, string attachTarget = "", ImmutableArray<string> verifierLog = default)
    {
        (Handle, Name, Type, AttachType, AttachTarget, VerifierLog) = (handle, name, type, attachType, attachTarget, verifierLog.IsDefault ? [] : verifierLog);
        handle.Owner = $"program '{name}' ({type})";
    }

    /// <summary>The descriptor.</summary>
    public SafeBpfHandle Handle { get; }

    /// <summary>The name of its function.</summary>
    public string Name { get; }

    /// <summary>Its kind.</summary>
    public ProgramType Type { get; }

    /// <summary>
    /// The hook that it is made for; <see langword="null"/> for a kind that is made for no certain hook and for a program that was opened without naming
    /// its hook, which the kernel does not tell.
    /// </summary>
    public AttachType? AttachType { get; }

    /// <summary>
    /// What the name of its section said beside the kind (<see cref="ProgramSpec.AttachTarget"/>); empty if it said nothing, and for a program that was
    /// opened.
    /// </summary>
    public string AttachTarget { get; }

    /// <summary>What it is, for the message of a refusal.</summary>
    internal string Kind => AttachType is { } hook ? $"{Type} for {hook}" : $"{Type} for no known hook (name it where the program is opened)";

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

    internal static BpfProgram Load(ProgramSpec spec, ReadOnlySpan<byte> instructions, string license, SafeBpfHandle btf) =>
        Load(spec, new RelocatedCode(instructions.ToArray(), [], []), license, btf, VerifierLogLevel.None);

    internal static BpfProgram Load(ProgramSpec spec, RelocatedCode code, string license, SafeBpfHandle btf, VerifierLogLevel logLevel)
    {
        var attr = new ProgLoadAttr
        {
            ProgType = (uint)spec.Type,
            ExpectedAttachType = (uint)(spec.AttachType ?? default),
            ProgFlags = (uint)spec.Flags,
            InstructionCount = (uint)(code.Instructions.Length / BpfInstruction.Size),
            AttachBtfId = spec.AttachBtfId,
        };
        KernelName.Write(spec.Name, new Span<byte>(attr.Name, KernelName.Size));
        using var lease = btf.Lease();
        attr.BtfFd = lease.Fd;
        using var modules = new HandleLeases(code.Modules);
        int[] moduleDescriptors = code.Modules.IsEmpty ? [] : [0, .. code.Modules.Select(static m => (int)m.DangerousGetHandle())];

        // The kernel counts in instructions, the file in bytes.
        BtfFunctionInfo[] functionInfo = [.. spec.Functions.Select(static f => f with { Offset = f.Offset / BpfInstruction.Size })];
        BtfLineInfo[] lineInfo = [.. spec.Lines.Select(static l => l with { Offset = l.Offset / BpfInstruction.Size })];
        (attr.FuncInfoRecordSize, attr.FuncInfoCount) = ((uint)sizeof(BtfFunctionInfo), (uint)functionInfo.Length);
        (attr.LineInfoRecordSize, attr.LineInfoCount) = ((uint)sizeof(BtfLineInfo), (uint)lineInfo.Length);
        fixed (BtfFunctionInfo* functions = functionInfo)
        fixed (BtfLineInfo* lines = lineInfo)
        fixed (byte* instructions = code.Instructions)
        fixed (int* descriptors = moduleDescriptors)
        fixed (byte* licenseText = Encoding.UTF8.GetBytes(license + '\0'))
        {
            attr.Instructions = (ulong)instructions;
            attr.FdArray = (ulong)descriptors;
            attr.License = (ulong)licenseText;
            attr.FuncInfo = (ulong)functions;
            attr.LineInfo = (ulong)lines;
            var errno = TryLoad(ref attr, logLevel, out var fd, out var log);
            if (errno is Errno.EPERM && BpfPermission.TryRaiseMemlock())
                errno = TryLoad(ref attr, logLevel, out fd, out log);
            if (errno is Errno.None)
                return new(new SafeBpfHandle(fd), spec.Name, spec.Type, spec.AttachType, spec.AttachTarget, log);
            throw Explain(spec, errno, ref attr, logLevel, code.Poisons);
        }
    }

    // Without a log, unless asked for: writing one costs the verifier most of its time.
    private static Errno TryLoad(ref ProgLoadAttr attr, VerifierLogLevel logLevel, out int fd, out ImmutableArray<string> log)
    {
        log = [];
        return logLevel is VerifierLogLevel.None
            ? Libc.Bpf(BpfCommand.ProgLoad, ref attr, out fd)
            : VerifierLogBuffer.Load(ref attr, logLevel, Errno.None, out fd, out log);
    }

    private static Exception Explain(ProgramSpec spec, Errno errno, ref ProgLoadAttr attr, VerifierLogLevel logLevel, ImmutableArray<CorePoison> poisons)
    {
        if (errno is Errno.EPERM)
            return BpfException.Refusal($"load program '{spec.Name}'", errno, BpfPermission.Of(spec.Type));
        if (errno is Errno.EAGAIN)
            return new BpfException($"load program '{spec.Name}'", errno, "signals kept interrupting the verifier");
        if (VerifierLogBuffer.Load(ref attr, logLevel | VerifierLogLevel.Paths, errno, out var fd, out var log) is Errno.None)
        {
            _ = Libc.close(fd); // it passed this time, so the verifier has no reason to give; the first refusal stands
            log = [];
        }

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
        foreach (var feature in BpfFeature.Of(spec))
            yield return feature;
        if (StumbledOver(log, "#107")) // bpf_sk_storage_get
            yield return BpfFeature.SocketStorage;
        if (StumbledOver(log, "#187")) // bpf_set_retval
            yield return BpfFeature.SetReturnValue;
    }

    // invalid func unknown#187; unknown func bpf_set_retval#187; program of this type cannot use helper bpf_set_retval#187
    private static bool StumbledOver(ImmutableArray<string> log, string helper) => log.Any(line =>
        line.EndsWith(helper, StringComparison.Ordinal)
        && (line.Contains(" func ", StringComparison.Ordinal) || line.Contains("cannot use helper", StringComparison.Ordinal)));

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
