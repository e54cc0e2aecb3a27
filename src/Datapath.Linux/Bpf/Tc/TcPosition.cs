namespace Datapath.Linux.Bpf;

/// <summary>Where among the programs of an interface <see cref="TcAttachment.Attach"/> puts a new one.</summary>
/// <remarks>Minimum kernel: 4.5.</remarks>
public enum TcPosition
{
    /// <summary>After all that are there by the same mechanism.</summary>
    Last,

    /// <summary>Before all that are there by the same mechanism.</summary>
    First,
}
