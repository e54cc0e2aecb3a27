using Datapath.Linux.Btf;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>The types of the running kernel.</summary>
internal static class KernelTypes
{
    private static readonly Lazy<BtfFile> s_types = new(static () => BtfFile.Parse(File.ReadAllBytes("/sys/kernel/btf/vmlinux")));

    /// <summary>The number of a function's type.</summary>
    public static uint Function(string name) => s_types.Value.Types.Single(t => t.Kind is BtfKind.Func && t.Name == name).Id;
}
