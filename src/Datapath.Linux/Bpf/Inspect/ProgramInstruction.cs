namespace Datapath.Linux.Bpf;

/// <summary>An instruction of a loaded program.</summary>
/// <param name="Number">Its number, as targets of jumps name it. Instructions that load 64 bits count twice.</param>
/// <param name="Text">What it does, for example <c>r1 = *(u32 *)(r6 + 16)</c>.</param>
/// <param name="Source">Where a line of the source starts here: file, number and text, for example <c>drop.bpf.c:17 return 2;</c>. Otherwise null.</param>
/// <remarks>Minimum kernel: 4.13; 5.0 for source lines.</remarks>
public sealed record ProgramInstruction(int Number, string Text, string? Source);
