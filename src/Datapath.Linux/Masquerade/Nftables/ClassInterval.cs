namespace Datapath.Linux.Masquerade;

/// <summary>Values in a row that are of one class.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
/// <param name="Class">The number of the class.</param>
internal readonly record struct ClassInterval(UInt128 First, UInt128 Last, byte Class);
