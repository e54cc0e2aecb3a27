namespace Datapath.Linux.Bpf;

/// <summary>
/// Tells maps, programs and links apart. A pin may be any of them and the kernel answers for each in a layout of its own, so what it says of
/// one must not be read as if it were another.
/// </summary>
internal static class BpfObjectKind
{
    /// <param name="handle">What was opened.</param>
    /// <param name="expected"><c>map</c>, <c>prog</c> or <c>link</c>.</param>
    /// <param name="name">Its name, for the message.</param>
    public static void ThrowIfOther(SafeBpfHandle handle, string expected, string name)
    {
        using var lease = handle.Lease();
        var target = File.ResolveLinkTarget($"/proc/self/fd/{lease.Fd}", returnFinalTarget: false)?.Name ?? "";
        var at = target.LastIndexOf("bpf", StringComparison.Ordinal); // anon_inode:bpf-map, anon_inode:bpf-prog, anon_inode:bpf_link
        if (at >= 0 && at + 4 <= target.Length && !target.AsSpan(at + 4).StartsWith(expected, StringComparison.Ordinal))
            throw new BpfException($"open {expected} '{name}'", Errno.EINVAL, $"it is a {target[(at + 4)..]}");
    }
}
