namespace Datapath.Linux.Bpf;

/// <summary>A link of a kind that this library opens and shows, yet has no more to say about. <see cref="BpfLink.Info"/> tells its kind.</summary>
/// <remarks>Minimum kernel: 5.8.</remarks>
public sealed class OtherLink : BpfLink
{
    internal OtherLink(SafeBpfHandle handle, string name)
        : base(handle, name)
    {
    }

    /// <inheritdoc/>
    public override string Target => $"{Info.Kind}";

    private protected override void ThrowIfNoReplacement(BpfProgram program) =>
        throw new NotSupportedException($"the link of '{Name}' is of kind {Info.Kind}; what program may replace its own is not known here");
}
