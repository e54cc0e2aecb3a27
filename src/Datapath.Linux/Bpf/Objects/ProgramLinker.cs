using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Puts a program and all functions that it reaches into one run of instructions, each function once, as the kernel wants it: calls and
/// addresses of functions become distances. What depends on the running kernel stays a relocation.
/// </summary>
internal sealed class ProgramLinker
{
    /// <summary>
    /// The kernel takes a million instructions; a broken object must not ask for more, nor for as much in each of thousands of programs that share
    /// functions.
    /// </summary>
    private const int MaxLength = 1_000_000 * BpfInstruction.Size;

    private readonly ElfFile _elf;
    private readonly BtfExt _ext;
    private readonly ImmutableDictionary<string, MapSpec> _maps;
    private readonly ImmutableDictionary<string, DataSectionSpec> _dataSections;
    private readonly HashSet<string> _untypedSymbols;
    private readonly Dictionary<(int Section, int Offset), ObjectFunction> _functions;
    private readonly Dictionary<int, Dictionary<int, ElfRelocation>> _relocations = [];
    private int _left = MaxLength;

    public ProgramLinker(
        ElfFile elf,
        BtfFile btf,
        BtfExt ext,
        ImmutableDictionary<string, MapSpec> maps,
        ImmutableDictionary<string, DataSectionSpec> dataSections,
        IEnumerable<ObjectFunction> functions)
    {
        (_elf, _ext, _maps, _dataSections) = (elf, ext, maps, dataSections);
        _untypedSymbols = UntypedSymbols.Read(btf);
        _functions = [];
        foreach (var function in functions)
            _functions.TryAdd((function.Section.Index, function.Offset), function); // a second name of the same code adds nothing
    }

    /// <summary>Links a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="spec">What is known of it already.</param>
    public ProgramSpec Link(ObjectFunction program, ProgramSpec spec)
    {
        var placed = new List<(ObjectFunction Function, int Start)> { (program, 0) };
        Spend(program, program.Length);
        var code = new List<byte>(program.Code.ToArray());
        var relocations = ImmutableArray.CreateBuilder<ProgramRelocation>();
        var references = new List<(int At, ObjectFunction Target)>();
        for (var next = 0; next < placed.Count; next++) // grows while it runs
        {
            var (function, start) = placed[next];
            foreach (var target in Read(program, function, start, relocations, references))
            {
                if (placed.Exists(p => ReferenceEquals(p.Function, target)))
                    continue;
                Spend(program, target.Length);
                placed.Add((target, code.Count));
                code.AddRange(target.Code.Span);
            }
        }

        byte[] linked = [.. code];
        foreach (var (at, target) in references)
        {
            var start = placed.Find(p => ReferenceEquals(p.Function, target)).Start;
            var isLoad = linked[at] == BpfInstruction.LoadImmediate64;
            BpfInstruction.SetSource(linked.AsSpan(at), isLoad ? BpfInstruction.SourceFunction : BpfInstruction.CallFunction);
            BpfInstruction.SetImmediate(linked.AsSpan(at), ((start - at) / BpfInstruction.Size) - 1);
        }

        return spec with
        {
            Instructions = linked,
            Relocations = relocations.ToImmutable(),
            Functions = Functions(placed),
            Lines = Lines(placed),
            CoreRelocations = CoreRelocations(program, placed),
        };
    }

    private void Spend(ObjectFunction program, int bytes)
    {
        if (bytes > _left)
            throw new InvalidBpfObjectException($"program '{program.Name}': with those before it, it has more than {MaxLength / BpfInstruction.Size} instructions");
        _left -= bytes;
    }

    // Reads a function's relocations and calls. Gives the functions that it refers to.
    private List<ObjectFunction> Read(
        ObjectFunction program,
        ObjectFunction function,
        int start,
        ImmutableArray<ProgramRelocation>.Builder relocations,
        List<(int At, ObjectFunction Target)> references)
    {
        var targets = new List<ObjectFunction>();
        var code = function.Code.Span;
        var bySection = RelocationsOf(function.Section);
        var read = 0;
        for (var offset = 0; offset < code.Length; offset += BpfInstruction.Size)
        {
            var instruction = code[offset..];
            var isLoad = instruction[0] == BpfInstruction.LoadImmediate64;
            var hasRelocation = bySection.TryGetValue(function.Offset + offset, out var relocation);
            if (hasRelocation && relocation!.Type is not (ElfRelocationType.LoadImmediate64 or ElfRelocationType.Call))
                throw new InvalidBpfObjectException($"program '{program.Name}': relocation type {relocation.Type} is not supported");
            ObjectFunction? target = null;
            if (instruction[0] == BpfInstruction.Call)
            {
                if (hasRelocation)
                    target = Call(program, relocation!, instruction, start + offset, relocations);
                else if (BpfInstruction.Source(instruction) == BpfInstruction.CallFunction)
                    target = FunctionAt(program, function.Section.Index, function.Offset + offset + ((BpfInstruction.Immediate(instruction) + 1L) * BpfInstruction.Size));
            }
            else if (isLoad && hasRelocation && offset + (2 * BpfInstruction.Size) <= code.Length)
            {
                target = Load(program, relocation!, instruction, start + offset, relocations);
            }
            else if (hasRelocation)
            {
                throw new InvalidBpfObjectException($"program '{program.Name}': the instruction at {offset} is no 64-bit load and no call, yet has a relocation");
            }

            if (target is not null)
            {
                references.Add((start + offset, target));
                targets.Add(target);
            }

            if (hasRelocation)
                read++;
            if (isLoad)
                offset += BpfInstruction.Size; // its second slot is no instruction
        }

        var expected = bySection.Keys.Count(o => o >= function.Offset && o < function.Offset + function.Length);
        if (read != expected)
            throw new InvalidBpfObjectException($"program '{program.Name}': a relocation of function '{function.Name}' is not at an instruction");
        return targets;
    }

    private ObjectFunction? Call(
        ObjectFunction program, ElfRelocation relocation, ReadOnlySpan<byte> instruction, int at, ImmutableArray<ProgramRelocation>.Builder relocations)
    {
        var symbol = relocation.Symbol;
        if (relocation.Type is not ElfRelocationType.Call)
            throw new InvalidBpfObjectException($"program '{program.Name}': relocation type {relocation.Type} is none of a call");
        if (symbol.Section != 0)
            return FunctionAt(program, symbol.Section, (long)symbol.Value + ((BpfInstruction.Immediate(instruction) + 1L) * BpfInstruction.Size));
        relocations.Add(new(at, ProgramRelocationKind.KernelCall, symbol.Name, IsWeak: symbol.Binding is ElfSymbolBinding.Weak));
        return null;
    }

    private ObjectFunction? Load(
        ObjectFunction program, ElfRelocation relocation, ReadOnlySpan<byte> instruction, int at, ImmutableArray<ProgramRelocation>.Builder relocations)
    {
        var symbol = relocation.Symbol;
        if (relocation.Type is not ElfRelocationType.LoadImmediate64)
            throw new InvalidBpfObjectException($"program '{program.Name}': relocation type {relocation.Type} is none of a load");
        var section = symbol.Section < _elf.Sections.Length ? _elf.Sections[symbol.Section] : null;
        var addend = BpfInstruction.Immediate(instruction);
        if (symbol.Section == 0)
            relocations.Add(Extern(symbol, at, (uint)addend));
        else if (section is { Name: MapSpecReader.Section } && SymbolAt.Find(_elf, symbol, (uint)addend) is { } map && _maps.ContainsKey(map))
            relocations.Add(new(at, ProgramRelocationKind.Map, map));
        else if (section is not null && _dataSections.ContainsKey(section.Name))
            relocations.Add(new(at, ProgramRelocationKind.Variable, section.Name, (uint)symbol.Value + (uint)addend)); // the variable, or a place in its section
        else if (section is not null && (section.Flags & ElfSection.Executable) != 0)
            return FunctionAt(program, symbol.Section, (long)symbol.Value + addend);
        else
            throw new InvalidBpfObjectException($"program '{program.Name}' refers to '{symbol.Name}', which is neither a map, a variable nor a function");
        return null;
    }

    // A name that the object leaves open: an option of the kernel, which becomes a variable, or something whose address the kernel has.
    private ProgramRelocation Extern(ElfSymbol symbol, int at, uint addend)
    {
        if (_dataSections.TryGetValue(KernelOptionLayout.Section, out var options) && options.TryFind(symbol.Name) is { } option)
            return new(at, ProgramRelocationKind.Variable, options.Name, (uint)option.Offset + addend);
        var kind = _untypedSymbols.Contains(symbol.Name) ? ProgramRelocationKind.KernelSymbol : ProgramRelocationKind.KernelAddress;
        return new(at, kind, symbol.Name, IsWeak: symbol.Binding is ElfSymbolBinding.Weak);
    }

    private ObjectFunction FunctionAt(ObjectFunction program, int section, long offset) =>
        offset is >= 0 and <= int.MaxValue && _functions.TryGetValue((section, (int)offset), out var function)
            ? function
            : throw new InvalidBpfObjectException($"program '{program.Name}' refers to byte {offset} of section {section}, where no function starts");

    private Dictionary<int, ElfRelocation> RelocationsOf(ElfSection section)
    {
        if (_relocations.TryGetValue(section.Index, out var relocations))
            return relocations;
        relocations = [];
        foreach (var relocation in _elf.RelocationsOf(section))
        {
            if (!relocations.TryAdd(relocation.Offset, relocation))
                throw new InvalidBpfObjectException($"section '{section.Name}': byte {relocation.Offset} has two relocations");
        }

        _relocations.Add(section.Index, relocations);
        return relocations;
    }

    // The kernel takes the types of all functions or of none.
    private ImmutableArray<BtfFunctionInfo> Functions(List<(ObjectFunction Function, int Start)> placed)
    {
        var result = new BtfFunctionInfo[placed.Count];
        for (var i = 0; i < result.Length; i++)
        {
            var (function, start) = placed[i];
            if (TypeOf(function) is not { } type)
                return [];
            result[i] = new((uint)start, type);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(result);
    }

    private uint? TypeOf(ObjectFunction function)
    {
        foreach (ref readonly var record in RecordsOf(_ext.Functions, function))
        {
            if (record.Offset == function.Offset)
                return record.Type;
        }

        return null;
    }

    // The kernel wants a line for the start of each function, and lines in the order of instructions.
    private ImmutableArray<BtfLineInfo> Lines(List<(ObjectFunction Function, int Start)> placed)
    {
        var result = new List<BtfLineInfo>();
        foreach (var (function, start) in placed)
        {
            var first = result.Count;
            foreach (ref readonly var line in RecordsOf(_ext.Lines, function))
            {
                if (Covers(function, line.Offset))
                    result.Add(line with { Offset = line.Offset - (uint)function.Offset + (uint)start });
            }

            var lines = CollectionsMarshal.AsSpan(result)[first..];
            if (!IsAscending(lines))
                lines.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
            if (lines.IsEmpty || lines[0].Offset != start || !IsAscending(lines))
                return [];
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(result.ToArray());
    }

    private static bool IsAscending(ReadOnlySpan<BtfLineInfo> lines)
    {
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].Offset <= lines[i - 1].Offset)
                return false;
        }

        return true;
    }

    // Records cost as much as instructions: nothing keeps a broken object from having many of one place.
    private ImmutableArray<BtfCoreRelocation> CoreRelocations(ObjectFunction program, List<(ObjectFunction Function, int Start)> placed)
    {
        var result = new List<BtfCoreRelocation>();
        foreach (var (function, start) in placed)
        {
            foreach (ref readonly var record in RecordsOf(_ext.CoreRelocations, function))
            {
                if (!Covers(function, record.Offset))
                    continue;
                Spend(program, BpfInstruction.Size);
                result.Add(record with { Offset = record.Offset - (uint)function.Offset + (uint)start });
            }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(result.ToArray());
    }

    private static ReadOnlySpan<T> RecordsOf<T>(Dictionary<string, List<T>> sections, ObjectFunction function) =>
        CollectionsMarshal.AsSpan(sections.GetValueOrDefault(function.Section.Name));

    private static bool Covers(ObjectFunction function, uint offset) => offset >= function.Offset && offset < function.Offset + function.Length;
}
