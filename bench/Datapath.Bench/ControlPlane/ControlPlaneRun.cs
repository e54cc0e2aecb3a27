namespace Datapath.Bench.ControlPlane;

/// <summary>What one fresh process has measured.</summary>
/// <param name="Open">Opening the datapath: loading, verifying and attaching the programs. Not part of the fills.</param>
/// <param name="Fills">From objects to the kernel, the first one cold, the second half warm: between them the runtime still compiles.</param>
/// <param name="Changes">One changed EndpointSlice each, from the object to the kernel.</param>
internal sealed record ControlPlaneRun(Cost Open, Fill[] Fills, Change[] Changes);

/// <summary>All services, from the objects to the kernel.</summary>
internal sealed record Fill(Cost Compile, Cost Apply);

/// <summary>One change, in microseconds.</summary>
internal readonly record struct Change(double Compile, double Apply);
