namespace Datapath.Linux.Bpf;

/// <summary>Where <see cref="TcFilter.Attach"/> puts a program, and <see cref="TcFilter.Open"/> finds one.</summary>
/// <remarks>Minimum kernel: 4.5.</remarks>
public sealed record TcFilterOptions
{
    /// <summary>The interface, by its number in the network namespace of the calling thread. Required.</summary>
    public required int InterfaceIndex { get; init; }

    /// <summary>Which packets. Required.</summary>
    public required TcxDirection Direction { get; init; }

    /// <summary>The place among the filters: lower runs first. The default is 1; at least 1.</summary>
    public ushort Priority { get; init; } = 1;

    /// <summary>The number of the filter within its priority. The default is 1; at least 1.</summary>
    public uint Handle { get; init; } = 1;

    /// <summary>
    /// The name of the filter, at most 255 bytes. By default a new filter has the name of its program, and one of any name is opened.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// Whether a program that is in the place already is replaced in one atomic step. By default that is refused (EEXIST). Nothing to
    /// <see cref="TcFilter.Open"/>.
    /// </summary>
    public bool Replace { get; init; }
}
