using System.Collections.Immutable;
using System.Globalization;

namespace Datapath.Linux.Btf;

/// <summary>An instruction that cannot work on this kernel. That matters only if the program can come there.</summary>
/// <param name="Helper">The helper's number that stands there now, which the verifier names in its complaint.</param>
/// <param name="Reason">What the kernel lacks, for people.</param>
internal sealed record CorePoison(uint Helper, string Reason);

/// <summary>Fits a program's instructions to the types of a kernel.</summary>
internal static class CoreLinker
{
    /// <summary>
    /// The first of the numbers of helpers that there never will be. Each refused instruction gets its own, so that the verifier's
    /// complaint says which one it is about.
    /// </summary>
    private const uint FirstPoison = 0x0bad_0000;

    /// <summary>Writes the kernel's values into the instructions.</summary>
    /// <param name="code">A program's instructions, before maps and calls are put in.</param>
    /// <param name="relocations">What in them depends on the kernel's types.</param>
    /// <param name="relocator">Knows the object's types and the kernel's.</param>
    /// <returns>The instructions that cannot work on this kernel; see <see cref="Explain"/>.</returns>
    /// <exception cref="Elf.InvalidBpfObjectException">A relocation makes no sense, or the kernel's answer is ambiguous.</exception>
    public static ImmutableArray<CorePoison> Apply(Span<byte> code, ReadOnlySpan<CoreRelocation> relocations, CoreRelocator relocator)
    {
        var poisons = ImmutableArray.CreateBuilder<CorePoison>();
        foreach (ref readonly var relocation in relocations)
        {
            var answer = relocator.Resolve(relocation);
            if (CorePatch.Apply(code, relocation, answer) is not { } problem)
                continue;
            var helper = FirstPoison + (uint)poisons.Count;
            CorePatch.Poison(code, relocation, helper);
            poisons.Add(new(helper, $"{answer.Subject} {problem} on this kernel"));
        }

        return poisons.ToImmutable();
    }

    /// <summary>What the kernel lacks, if the verifier complains of an instruction that cannot work; otherwise <see langword="null"/>.</summary>
    /// <param name="poisons">What <see cref="Apply"/> returned.</param>
    /// <param name="log">The verifier's log.</param>
    public static string? Explain(ImmutableArray<CorePoison> poisons, ImmutableArray<string> log)
    {
        foreach (var poison in poisons)
        {
            // "invalid func unknown#195887104"
            var complaint = string.Create(CultureInfo.InvariantCulture, $"unknown#{poison.Helper}");
            if (log.Any(line => line.StartsWith("invalid func ", StringComparison.Ordinal) && line.EndsWith(complaint, StringComparison.Ordinal)))
                return poison.Reason;
        }

        return null;
    }
}
