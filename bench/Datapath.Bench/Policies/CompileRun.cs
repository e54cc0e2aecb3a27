using Datapath.Bench.ControlPlane;

namespace Datapath.Bench.Policies;

/// <summary>What one fresh process has measured.</summary>
/// <param name="Services">How many services the cluster has.</param>
/// <param name="Copy">Putting the objects into a dictionary, for comparison.</param>
/// <param name="Cold">The first compile.</param>
/// <param name="Warm">Another, by a new compiler.</param>
/// <param name="ObjectBytes">What the objects alone take of the heap.</param>
/// <param name="Bytes">What objects and compiler take together.</param>
/// <param name="Peak">The most memory that the process had until then.</param>
/// <param name="Small">One endpoint of a service with ten changed.</param>
/// <param name="Large">One endpoint of a service with a thousand changed.</param>
/// <param name="Pods">A pod that a policy sends to became ready or ceased to be.</param>
/// <param name="Redirected">One endpoint of a service with ten changed, which a policy redirects with ninety-nine others.</param>
internal sealed record CompileRun(
    int Services, Cost Copy, Cost Cold, Cost Warm, long ObjectBytes, long Bytes, long Peak, Change[] Small, Change[] Large, Change[] Pods,
    Change[] Redirected);

/// <summary>One change.</summary>
internal readonly record struct Change(double Microseconds, long Bytes);
