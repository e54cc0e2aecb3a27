using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Loads and stores of fields that the kernel has elsewhere, and wider or narrower, than the program was compiled for.</summary>
[TestFixture]
internal sealed class CoreAccessTests
{
    private const int TicksPerSecond = 100; // USER_HZ
    private static readonly string s_elsewhere = SocketName.Of(IPAddress.Parse("127.0.0.2"), 12345).ToString();

    // As struct seen of core_access.bpf.c.
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Seen(ulong Start, ulong Flags, uint Pid, uint Leader, uint Expected, int StaticPriority, ulong Name);

    [Test]
    public void Fields_of_a_task_are_loaded_from_where_the_kernel_has_them_and_as_wide()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("core_access"));
        using var program = BpfObject.Load(spec);
        using var iterator = BpfIterator.Create(program.Programs["see"]);
        using var stream = iterator.Open();
        using var all = new MemoryStream();
        stream.CopyTo(all);

        Assert.That(all.Length, Is.EqualTo(Marshal.SizeOf<Seen>()), "one task: the one that reads");
        var seen = MemoryMarshal.Read<Seen>(all.GetBuffer());
        Assert.That((seen.Pid, seen.Leader), Is.EqualTo((seen.Expected, seen.Expected)));

        // Behind the name, which is in parentheses: field 3 and those that follow, see proc(5).
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var name = File.ReadAllText("/proc/self/comm").TrimEnd('\n');
        Assert.That(seen.Flags, Is.EqualTo(Number(9)), "32 bits, although declared with 64");
        Assert.That(seen.Start / (1_000_000_000 / TicksPerSecond), Is.EqualTo(Number(22)), "64 bits, although declared with 32");
        Assert.That(seen.StaticPriority - 120, Is.EqualTo(int.Parse(fields[19 - 3], CultureInfo.InvariantCulture)), "nice");
        Span<byte> expected = stackalloc byte[16];
        expected.Clear();
        _ = Encoding.UTF8.GetBytes(name, expected);
        Assert.That(seen.Name, Is.EqualTo(MemoryMarshal.Read<ulong>(expected)), name);

        ulong Number(int field) => ulong.Parse(fields[field - 3], CultureInfo.InvariantCulture);
    }

    [Test]
    public void Fields_of_a_context_are_stored_to_where_the_kernel_has_them_and_as_wide()
    {
        using var program = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("core_access")));
        Assert.That(DialThrough(program.Programs["redirect"]), Is.EqualTo(s_elsewhere));
    }

    // The compiler writes no such stores for the instruction set of the objects, but others do.
    [Test]
    [MinimumKernel("6.4", "a store of a number into a context")]
    public void Numbers_are_stored_as_registers_are()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("core_access"));
        var program = spec.Programs["redirect"];
        var code = program.Instructions.ToArray();
        var stores = 0;
        for (var at = 0; at < code.Length; at += BpfInstruction.Size)
        {
            // *(r1 + off) = r2, after r2 = number: *(r1 + off) = number
            if ((code[at] & 0xe7) != 0x63)
                continue;
            code[at] = (byte)((code[at] & ~7) | 2);
            BpfInstruction.SetSource(code.AsSpan(at), 0);
            BpfInstruction.SetImmediate(code.AsSpan(at), BpfInstruction.Immediate(code.AsSpan(at - BpfInstruction.Size)));
            stores++;
        }

        Assert.That(stores, Is.EqualTo(2));
        Assert.That(new TargetKernel(spec, null).Fit(program, code), Is.Empty);
        using var types = new BpfMapFactory(spec);
        using var loaded = BpfProgram.Load(program, code, spec.License, types.Btf);
        Assert.That(DialThrough(loaded), Is.EqualTo(s_elsewhere));
    }

    [Test]
    public void Without_the_kernels_types_the_same_stores_are_refused()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("core_access"));
        var program = spec.Programs["redirect"];
        using var types = new BpfMapFactory(spec);
        Assert.That(() => BpfProgram.Load(program, program.Instructions.Span, spec.License, types.Btf).Dispose(), Throws.TypeOf<VerifierException>());
    }

    private static string DialThrough(BpfProgram program)
    {
        using var cgroup = new TestCgroup();
        using var link = CgroupLink.Attach(program, cgroup.Cgroup);
        using var socket = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
        Assert.That(socket.Connect(SocketName.Of(IPAddress.Loopback, 9)), Is.EqualTo(Errno.None));
        return socket.PeerName().ToString();
    }
}
