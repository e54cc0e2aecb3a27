using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>A variable that stands for an option of the kernel: <c>extern int CONFIG_HZ __kconfig</c>.</summary>
/// <param name="Name">The option.</param>
/// <param name="Kind">What it is in C.</param>
/// <param name="IsWeak">Whether the program copes if the kernel was built without it; it is zero then.</param>
internal sealed record KernelOption(string Name, KernelOptionKind Kind, bool IsWeak)
{
    private const string KernelVersion = "LINUX_KERNEL_VERSION";

    /// <summary>Reads what an object asks for.</summary>
    /// <exception cref="InvalidBpfObjectException">An option has a type that no option has.</exception>
    public static ImmutableDictionary<string, KernelOption> ReadAll(ElfFile elf, BtfFile btf)
    {
        var result = ImmutableDictionary.CreateBuilder<string, KernelOption>();
        foreach (var member in btf.Find(BtfKind.DataSection, KernelOptionLayout.Section)?.Members ?? [])
        {
            var variable = btf[member.Type];
            var isWeak = elf.Symbols.Any(s => s.Section == 0 && s.Name == variable.Name && s.Binding is ElfSymbolBinding.Weak);
            result[variable.Name] = new(variable.Name, KindOf(btf, variable), isWeak);
        }

        return result.ToImmutable();
    }

    /// <summary>The section's content on the running kernel. What was set before the load stays.</summary>
    /// <exception cref="MissingFromKernelException">The kernel was built without an option that a program needs that is enabled.</exception>
    /// <exception cref="InvalidBpfObjectException">The value of an option does not fit its variable.</exception>
    public static byte[] Fill(BpfObjectSpec spec, DataSectionSpec section)
    {
        var content = section.Content.ToArray();
        KernelBuildOptions? build = null;
        foreach (var variable in section.All)
        {
            if (variable.IsSet)
                continue;
            var option = spec.KernelOptions[variable.Name];
            var value = option.Name == KernelVersion
                ? KernelRelease.Running.Code.ToString(CultureInfo.InvariantCulture)
                : (build ??= KernelBuildOptions.ReadRunning()).Find(option.Name);
            if (value is not null)
                option.Write(value, content.AsSpan(variable.Offset, variable.Size));
            else if (!option.IsWeak && IsUsed(spec, section, variable))
                throw new MissingFromKernelException(option.Name, $"the programs need '{option.Name}', which this kernel was built without; declare it weak to do without, or set it before the load");
        }

        return content;
    }

    // By a program that is to be loaded: what the others would need is no reason to refuse.
    private static bool IsUsed(BpfObjectSpec spec, DataSectionSpec section, VariableSpec variable) => spec.Programs.Values.Any(program =>
        program.IsEnabled
        && program.Relocations.Any(r =>
            r.Kind is ProgramRelocationKind.Variable && r.Name == section.Name && r.Addend >= variable.Offset && r.Addend < variable.Offset + variable.Size));

    /// <summary>Writes a value as the configuration gives it: <c>y</c>, <c>m</c>, a number, a text in quotes.</summary>
    internal void Write(string value, Span<byte> destination)
    {
        var isWritten = Kind switch
        {
            KernelOptionKind.Text => TryWriteText(value, destination),
            KernelOptionKind.Truth => TryWriteTruth(value, destination),
            KernelOptionKind.Tristate => TryWriteNumber(value switch { "n" => "0", "y" => "1", "m" => "2", _ => "" }, destination),
            _ when destination.Length == 1 && value is "y" or "n" or "m" => TryWriteNumber(((int)value[0]).ToString(CultureInfo.InvariantCulture), destination),
            _ => TryWriteNumber(value, destination),
        };
        if (!isWritten)
            throw new InvalidBpfObjectException($"this kernel has {Name}={value}, which is no {Kind} of {destination.Length} bytes");
    }

    private static KernelOptionKind KindOf(BtfFile btf, BtfFileType variable)
    {
        var type = btf.Resolve(variable.Target);
        return type switch
        {
            { Kind: BtfKind.Int, Name: "_Bool" or "bool", Size: 1 } => KernelOptionKind.Truth,
            { Kind: BtfKind.Int, Size: 1 or 2 or 4 or 8 } => KernelOptionKind.Number,
            { Kind: BtfKind.Enum, Name: "libbpf_tristate" } => KernelOptionKind.Tristate,
            { Kind: BtfKind.Array } when btf.Resolve(type.Target) is { Kind: BtfKind.Int, Size: 1 } => KernelOptionKind.Text,
            _ => throw new InvalidBpfObjectException($"option '{variable.Name}' of the kernel has the type {CText.TypeName(btf.Index, variable.Target)}, which no option has"),
        };
    }

    private static bool TryWriteTruth(string value, Span<byte> destination)
    {
        if (value is not ("y" or "n"))
            return false;
        destination[0] = value == "y" ? (byte)1 : (byte)0;
        return true;
    }

    // Cut to what fits, and always with an end.
    private static bool TryWriteText(string value, Span<byte> destination)
    {
        if (value.Length < 2 || value[0] != '"' || value[^1] != '"')
            return false;
        var text = Encoding.UTF8.GetBytes(value[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal));
        destination.Clear();
        text.AsSpan(0, Math.Min(text.Length, destination.Length - 1)).CopyTo(destination);
        return true;
    }

    private static bool TryWriteNumber(string value, Span<byte> destination)
    {
        Int128 number;
        var isNumber = value.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? Int128.TryParse(value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : Int128.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        var bits = destination.Length * 8;
        if (!isNumber || number >= Int128.One << bits || number < -(Int128.One << (bits - 1)))
            return false;
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, number);
        bytes[..destination.Length].CopyTo(destination);
        return true;
    }
}

/// <summary>What an option of the kernel is in C.</summary>
internal enum KernelOptionKind
{
    /// <summary>An integer, or a letter: <c>y</c>, <c>m</c> or <c>n</c>.</summary>
    Number,

    /// <summary>A <c>bool</c>.</summary>
    Truth,

    /// <summary><c>enum libbpf_tristate</c>: no 0, yes 1, module 2.</summary>
    Tristate,

    /// <summary>Letters.</summary>
    Text,
}
