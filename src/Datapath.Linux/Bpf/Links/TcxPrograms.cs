using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>What is attached to one direction of an interface.</summary>
/// <param name="Revision">Counts the changes; 1 as long as there has been none.</param>
/// <param name="Programs">In the order in which they run.</param>
/// <remarks>Minimum kernel: 6.6.</remarks>
public sealed record TcxPrograms(ulong Revision, ImmutableArray<AttachedProgram> Programs)
{
    /// <summary>The revision and the programs, in words for people.</summary>
    public override string ToString() => $"{nameof(TcxPrograms)} {{ {nameof(Revision)} = {Revision}, {nameof(Programs)} = {ListText.Of(Programs)} }}";
}
