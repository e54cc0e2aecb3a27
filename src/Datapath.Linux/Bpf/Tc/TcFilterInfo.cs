namespace Datapath.Linux.Bpf;

/// <summary>A filter of an interface, by whomever it was made.</summary>
/// <param name="Priority">The place among the filters: lower runs first.</param>
/// <param name="Handle">The number of the filter within its priority.</param>
/// <param name="Kind">What decides: <c>bpf</c> if a program does, else the name of a classifier, for example <c>u32</c>.</param>
/// <param name="Name">The name that was given for the program; empty if there is none.</param>
/// <param name="ProgramId">The program, by id; 0 if there is none.</param>
/// <remarks>Minimum kernel: 4.13 for <see cref="ProgramId"/>; the rest 4.5.</remarks>
public sealed record TcFilterInfo(int Priority, uint Handle, string Kind, string Name, uint ProgramId);
