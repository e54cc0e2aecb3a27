using System.Collections.Immutable;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>A program's instructions, complete for the running kernel.</summary>
/// <param name="Instructions">8 bytes each.</param>
/// <param name="Poisons">Those that cannot work on this kernel.</param>
/// <param name="Modules">The modules whose functions are called; a call names its module by its place here, from 1. Not owned.</param>
internal sealed record RelocatedCode(byte[] Instructions, ImmutableArray<CorePoison> Poisons, ImmutableArray<SafeBpfHandle> Modules);
