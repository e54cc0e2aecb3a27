using System.Diagnostics.CodeAnalysis;

namespace Datapath.Linux.Bpf;

/// <summary>Where a type has padding, found once for each type.</summary>
internal static class StructPadding<[DynamicallyAccessedMembers(PaddingFinder.Fields)] T>
    where T : unmanaged
{
    /// <summary>For example <c>3 bytes of padding after field 'Protocol'</c>; <see langword="null"/> if there is none.</summary>
    public static string? Text { get; } = PaddingFinder.Find(typeof(T));
}
