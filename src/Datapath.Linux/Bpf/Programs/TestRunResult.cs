using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>What a test run gave.</summary>
/// <param name="ReturnValue">What the program returned, the last time.</param>
/// <param name="Nanoseconds">How long one run took on average; 0 for kinds that see no packets, which the kernel does not measure.</param>
/// <param name="Data">The packet as the program left it.</param>
/// <param name="Context">The context as the program left it; empty if none was given.</param>
/// <remarks>Minimum kernel: 4.12.</remarks>
public sealed record TestRunResult(int ReturnValue, long Nanoseconds, ImmutableArray<byte> Data, ImmutableArray<byte> Context);
