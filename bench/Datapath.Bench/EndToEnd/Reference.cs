namespace Datapath.Bench.EndToEnd;

/// <summary>Cilium 1.19.4 with its defaults, measured on another machine of two cores with another program: constants, to hold ours against.</summary>
/// <param name="None">Nanoseconds without load balancing.</param>
/// <param name="Balanced">Nanoseconds with it.</param>
internal sealed record Reference(double None, double Balanced)
{
    /// <summary>The nanoseconds that it adds there.</summary>
    public double Added => Balanced - None;

    /// <summary>The same as a part of what there is without: what a machine that is slower in all things leaves as it is.</summary>
    public double Share => Added / None;
}
