using System.Text;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>What the kernel's types answer to a relocation.</summary>
/// <param name="Subject">What was asked for, such as <c>struct task_struct.pid</c>.</param>
/// <param name="Local">The value that the compiler has put into the instruction; <see langword="null"/> if it means nothing.</param>
/// <param name="Target">The value on this kernel; <see langword="null"/> if the kernel has no such thing.</param>
/// <param name="LocalSize">For the place of a field: its size where the program was compiled, of an array that of an element, otherwise 0.</param>
/// <param name="TargetSize">The same on this kernel.</param>
/// <param name="CanResize">Whether a load of the one size may become a load of the other: pointers, and integers without sign.</param>
internal sealed record CoreAnswer(string Subject, ulong? Local, ulong? Target, uint LocalSize = 0, uint TargetSize = 0, bool CanResize = false);

/// <summary>Answers relocations: pure, from an object's types and the types of a kernel. Keep it for all programs of an object: it remembers what it found.</summary>
internal sealed class CoreRelocator(BtfIndex local, BtfIndex target)
{
    // Lists of plain numbers: the runtime brings their code along, that of lists of our structs each process would compile anew.
    private readonly List<int>?[] _candidates = new List<int>?[local.Count + 1]; // by the root's number

    /// <summary>Answers a relocation.</summary>
    /// <exception cref="InvalidBpfObjectException">The relocation makes no sense, or types of the kernel with one name differ in the answer.</exception>
    public CoreAnswer Resolve(in CoreRelocation relocation) => relocation.Kind switch
    {
        <= CoreRelocationKind.FieldRightShift => ResolveField(relocation),
        CoreRelocationKind.TypeIdLocal => new(CoreField.DescribeType(local, relocation.Type), null, local[relocation.Type].Id),
        CoreRelocationKind.TypeIdTarget or CoreRelocationKind.TypeExists or CoreRelocationKind.TypeSize or CoreRelocationKind.TypeMatches =>
            ResolveType(relocation),
        CoreRelocationKind.EnumValueExists or CoreRelocationKind.EnumValue => ResolveEnumValue(relocation),
        _ => throw new InvalidBpfObjectException($"CO-RE: the kind {(uint)relocation.Kind} of relocation is not known"),
    };

    private CoreAnswer ResolveField(in CoreRelocation relocation)
    {
        var field = CoreField.Read(local, relocation.Type, relocation.Access, out var steps);
        var answer = new CoreAnswer(CoreField.Describe(local, relocation.Type, steps), CompiledValue(relocation.Kind, field), null);
        var search = new CoreFieldSearch(local, target);
        CoreAnswer? agreed = null;
        foreach (var candidate in CandidatesOf(relocation.Type))
        {
            if (search.Find(steps, (uint)candidate) is { } found)
                agreed = Agree(agreed, Place(answer, relocation.Kind, field, found));
        }

        return agreed ?? answer with { Target = relocation.Kind is CoreRelocationKind.FieldExists ? 0UL : null };
    }

    private static CoreAnswer Place(CoreAnswer answer, CoreRelocationKind kind, in CoreField field, in CoreField found)
    {
        var result = answer with { Target = CoreValue.Of(kind, found) };
        if (kind is not CoreRelocationKind.FieldByteOffset || field.BitSize != 0 || found.BitSize != 0)
            return result;
        var mine = CoreValue.Element(field);
        var theirs = CoreValue.Element(found);
        return result with
        {
            LocalSize = field.Types.SizeOf(mine.Id),
            TargetSize = found.Types.SizeOf(theirs.Id),
            CanResize = (mine.Kind is BtfKind.Pointer && theirs.Kind is BtfKind.Pointer)
                || (mine.Kind is BtfKind.Int && theirs.Kind is BtfKind.Int && !mine.IsSigned && !theirs.IsSigned),
        };
    }

    // The compiler chooses the word round a bit field in its own way, so nothing can be expected there.
    private static ulong? CompiledValue(CoreRelocationKind kind, in CoreField field) =>
        field.BitSize != 0 && kind is not (CoreRelocationKind.FieldExists or CoreRelocationKind.FieldSigned) ? null : CoreValue.Of(kind, field);

    // A type that the kernel lacks has the number 0 and the size 0: a program may test for that.
    private CoreAnswer ResolveType(in CoreRelocation relocation)
    {
        if (relocation.Access != "0")
            throw new InvalidBpfObjectException($"CO-RE: {relocation.Kind} with the access '{relocation.Access}'");
        ulong? compiled = relocation.Kind switch
        {
            CoreRelocationKind.TypeIdTarget => null,
            CoreRelocationKind.TypeSize => local.SizeOf(relocation.Type),
            _ => 1UL,
        };
        var answer = new CoreAnswer(CoreField.DescribeType(local, relocation.Type), compiled, null);
        var comparison = new CoreTypeComparison(local, target);
        CoreAnswer? agreed = null;
        foreach (var candidate in CandidatesOf(relocation.Type))
        {
            var isFound = relocation.Kind is CoreRelocationKind.TypeMatches
                ? comparison.IsMatch(relocation.Type, (uint)candidate)
                : comparison.AreCompatible(relocation.Type, (uint)candidate);
            if (!isFound)
                continue;
            agreed = Agree(agreed, answer with
            {
                Target = relocation.Kind switch
                {
                    CoreRelocationKind.TypeIdTarget => (uint)candidate,
                    CoreRelocationKind.TypeSize => target.SizeOf((uint)candidate),
                    _ => 1U,
                },
            });
        }

        return agreed ?? answer with { Target = 0 };
    }

    private CoreAnswer ResolveEnumValue(in CoreRelocation relocation)
    {
        var indexes = CoreField.ParseAccess(relocation.Access);
        var mine = local.Resolve(relocation.Type);
        if (indexes.Length != 1 || !mine.IsEnum)
            throw new InvalidBpfObjectException($"CO-RE: {relocation.Kind} of type {mine.Id} ({mine.Kind}) with the access '{relocation.Access}'");
        var isQuestion = relocation.Kind is CoreRelocationKind.EnumValueExists;
        var index = (int)Math.Min(indexes[0], int.MaxValue);
        var name = mine.ValueName(index);
        var answer = new CoreAnswer(
            $"{CoreField.DescribeType(local, relocation.Type)}.{Encoding.UTF8.GetString(name)}", isQuestion ? 1 : mine.Value(index), null);
        CoreAnswer? agreed = null;
        foreach (var candidate in CandidatesOf(relocation.Type))
        {
            var theirs = target.Resolve((uint)candidate);
            for (var i = 0; theirs.IsEnum && i < theirs.Count; i++)
            {
                if (!BtfName.AreSameButFlavour(name, theirs.ValueName(i)))
                    continue;
                agreed = Agree(agreed, answer with { Target = isQuestion ? 1 : theirs.Value(i) });
                break;
            }
        }

        return agreed ?? answer with { Target = isQuestion ? 0UL : null };
    }

    private List<int> CandidatesOf(uint root)
    {
        var type = local[root];
        if (_candidates[root] is { } known)
            return known;
        List<int> result = [];
        foreach (var candidate in target.Candidates(type.Name))
        {
            if (candidate.Kind == type.Kind || (candidate.IsEnum && type.IsEnum))
                result.Add((int)candidate.Id);
        }

        return _candidates[root] = result;
    }

    // The kernel may have several types of one name. As long as they say the same it does not matter which one is meant.
    private static CoreAnswer Agree(CoreAnswer? one, CoreAnswer other) => one is null || one == other
        ? other
        : throw new InvalidBpfObjectException(
            $"CO-RE: the kernel has several types for {other.Subject}, which differ ({one.Target} and {other.Target}); a type of another name is needed");
}
