namespace Datapath.Linux.Bpf;

/// <summary>A program at a hook.</summary>
/// <param name="ProgramId">The program, by id.</param>
/// <param name="LinkId">The link that attaches it, by id; 0 if it was attached without one, or if the hook does not tell.</param>
/// <remarks>Minimum kernel: 4.15; links 6.6.</remarks>
public readonly record struct AttachedProgram(uint ProgramId, uint LinkId);
