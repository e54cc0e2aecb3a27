namespace Datapath.Kernel.Tests.Lab;

/// <summary>
/// Marks what takes many thousands of calls or starts of processes to prove, or many cases of what other tests show on each kernel. It runs on this
/// machine's kernel only: under the emulation of <c>eng/kernels</c> it would take minutes, or show how slow that is.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class LoadTestAttribute() : CategoryAttribute("Load");
