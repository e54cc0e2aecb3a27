using System.Text.Json;
using Datapath.Bench.ControlPlane;
using Datapath.Linux.Bpf;

namespace Datapath.Bench.KernelTypes;

/// <summary>Runs in a process of its own, which has not read the kernel's types yet. Prints one line of JSON.</summary>
internal static class KernelTypesWorker
{
    public const string Argument = "--kernel-types-worker";
    private const string File = "/sys/kernel/btf/vmlinux";

    /// <param name="mayBorrow">Whether to use the kernel's own memory, as from Linux 6.16, or to copy it, as below.</param>
    public static void Run(bool mayBorrow)
    {
        string[] others = ["bpf_iter_tcp", "bpf_iter_udp", "bpf_iter_bpf_map", "bpf_rcu_read_lock", "bpf_rcu_read_unlock", "bpf_cast_to_kern_ctx", "bpf_obj_new_impl", "datapath_never"];
        _ = Cost.Of(static () => 0, out _); // what measuring itself compiles
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = Cost.Of(() => mayBorrow ? KernelBtf.Running : KernelBtf.ReadFile(File), out var types);
        var first = Cost.Of(() => types.FindFunction("bpf_iter_task"), out var task);
        var finds = Cost.Of(() => others.Count(name => types.FindFunction(name) != 0), out var found);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        if (task == 0 || found == others.Length)
            throw new BenchException($"the kernel's types have {found} of {others.Length - 1} functions, and an iterator numbered {task}");

        using var resource = typeof(KernelTypesWorker).Assembly.GetManifestResourceStream("types.bpf.o")!;
        var file = new byte[resource.Length];
        resource.ReadExactly(file);
        var parse = Cost.Of(() => BpfObjectSpec.Parse(file), out var spec);
        var load = Cost.Of(() => BpfObject.Load(spec, new() { KernelTypes = types }), out var loaded);
        loaded.Dispose();
        Console.WriteLine(JsonSerializer.Serialize(new KernelTypesRun(read, first, finds, others.Length, bytes, parse, load)));
    }
}
