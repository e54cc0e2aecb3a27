using Datapath.Linux.Btf;

namespace Datapath.Linux.Tests.Btf;

/// <summary>The types of a program and of a kernel, made up, and what relocations between them give.</summary>
internal sealed class CoreLab
{
    public BtfBuilder Local { get; } = new();

    public BtfBuilder Kernel { get; } = new();

    public ulong? Ask(CoreRelocationKind kind, uint type, string access = "0") => Answer(kind, type, access).Target;

    public CoreAnswer Answer(CoreRelocationKind kind, uint type, string access = "0") =>
        new CoreRelocator(BtfIndex.Parse(Local.Build()), BtfIndex.Parse(Kernel.Build())).Resolve(new(0, type, access, kind));
}
