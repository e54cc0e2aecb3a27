namespace Datapath.Linux;

/// <summary>
/// A time in which a listener was not listened for, because it did not say in time that it is still there: its process was stopped, or had no processor for some
/// seconds. What happened then is not told, and not counted as lost.
/// </summary>
/// <param name="From">When it began.</param>
/// <param name="To">When it ended.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public readonly record struct ListeningGap(DateTimeOffset From, DateTimeOffset To);
