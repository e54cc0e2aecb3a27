using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Calls of the kernel's functions: of itself on a kernel that has connection tracking built in, of a module on others.</summary>
[TestFixture]
internal sealed class KernelCallTests
{
    private const LinuxCapabilities OfLoad = LinuxCapabilities.Bpf | LinuxCapabilities.NetAdmin | LinuxCapabilities.PerfMon;

    private static readonly byte[] s_packet = new byte[64];

    // Whether the functions are those of a module.
    private static bool IsOfModule => File.Exists("/sys/kernel/btf/nf_conntrack");

    [Test]
    [MinimumKernel("6.0", "a lookup of connections by programs")]
    public void A_function_is_called_wherever_the_kernel_has_it()
    {
        using var loaded = Load("look_up");
        _ = loaded.Programs["look_up"].TestRun(new() { Data = s_packet });
        Assert.That((loaded.Variables["lookups"].As<int>().Value, loaded.Variables["error"].As<int>().Value), Is.EqualTo((2, -(int)Errno.ENOENT)), "there is no such connection");
    }

    [Test]
    [MinimumKernel("6.4", "the address of a function of the kernel")]
    public void A_weak_function_has_an_address_only_if_the_kernel_or_a_module_has_it()
    {
        using var loaded = Load("look_for");
        _ = loaded.Programs["look_for"].TestRun(new() { Data = s_packet });
        Assert.That((loaded.Variables["has_weak"].As<int>().Value, loaded.Variables["has_nobodys"].As<int>().Value), Is.EqualTo((1, 0)));
    }

    [Test]
    [MinimumKernel("6.0", "a lookup of connections by programs")]
    public void A_function_of_a_module_needs_the_right_to_open_modules_by_number()
    {
        if (!IsOfModule)
        {
            LimitedThread.Run(OfLoad, static () => Load("look_up").Dispose());
            return;
        }

        LimitedThread.Run(OfLoad | LinuxCapabilities.SysAdmin, static () => Load("look_up").Dispose());
        LimitedThread.Run(OfLoad, static () =>
        {
            var thrown = Assert.Throws<BpfException>(static () => Load("look_up").Dispose());
            Assert.That((thrown!.Errno, thrown.MissingCapabilities), Is.EqualTo((Errno.EPERM, LinuxCapabilities.SysAdmin)), thrown.Message);
        });
    }

    [Test]
    [MinimumKernel("6.4", "the address of a function of the kernel")]
    public void A_weak_function_of_a_module_that_may_not_be_opened_counts_as_missing()
    {
        BpfObject? loaded = null;
        LimitedThread.Run(OfLoad, () => loaded = Load("look_for"));
        using (loaded)
        {
            _ = loaded!.Programs["look_for"].TestRun(new() { Data = s_packet });
            Assert.That(loaded.Variables["has_weak"].As<int>().Value, Is.EqualTo(IsOfModule ? 0 : 1));
        }
    }

    private static BpfObject Load(string program)
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("kernel_calls"));
        foreach (var other in spec.Programs.Values)
            other.IsEnabled = other.Name == program;
        return BpfObject.Load(spec);
    }
}
