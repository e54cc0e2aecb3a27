using Datapath.Bench.ControlPlane;

namespace Datapath.Bench.KernelTypes;

/// <summary>What one fresh process has measured.</summary>
/// <param name="Read">Opening the kernel's types.</param>
/// <param name="FirstFind">Finding the first function.</param>
/// <param name="Finds">Finding the others.</param>
/// <param name="Count">How many others.</param>
/// <param name="Bytes">Allocated by all of these.</param>
/// <param name="Parse">Reading an object file.</param>
/// <param name="Load">Fitting its program to the kernel's types, verifying and loading it.</param>
internal sealed record KernelTypesRun(Cost Read, Cost FirstFind, Cost Finds, int Count, long Bytes, Cost Parse, Cost Load);
