using System.Globalization;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Elf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>What an object takes from the running kernel: addresses, variables of each CPU, options of its build.</summary>
[TestFixture]
internal sealed class ExternTests
{
    private static readonly byte[] s_packet = new byte[64];

    [Test]
    public void A_symbol_without_type_is_its_address_and_0_if_it_is_weak_and_missing()
    {
        using var loaded = Run("names");
        var line = File.ReadLines("/proc/kallsyms").Single(static l => l.EndsWith(" tcp_v4_rcv", StringComparison.Ordinal));
        var address = ulong.Parse(line.AsSpan(0, line.IndexOf(' ', StringComparison.Ordinal)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        Assert.That(loaded.Variables["address"].As<ulong>().Value, Is.EqualTo(address).And.Not.Zero);
        Assert.That(loaded.Variables["absent"].As<ulong>().Value, Is.Zero);
        Assert.That(loaded.Variables["typed_absent"].As<int>().Value, Is.Zero);
    }

    [Test]
    public void A_symbol_that_the_kernel_has_twice_is_not_guessed()
    {
        var twice = File.ReadLines("/proc/kallsyms")
            .Where(static l => !l.Contains('\t', StringComparison.Ordinal))
            .Select(static l => l.Split(' '))
            .Where(static symbol => symbol[2].Length == "tcp_v4_rcv".Length)
            .GroupBy(static symbol => symbol[2])
            .First(static same => same.Select(static symbol => symbol[0]).Distinct().Count() > 1).Key;
        var spec = BpfObjectSpec.Parse(Rename("tcp_v4_rcv", twice));
        Assert.That(
            () => BpfObject.Load(spec),
            Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo($"the kernel has more than one symbol '{twice}'; which one is meant?"));
    }

    [Test]
    public void Variables_of_each_cpu_are_read_with_their_type()
    {
        if (!File.ReadLines("/proc/kallsyms").Any(static l => l.EndsWith(" runqueues", StringComparison.Ordinal)))
        {
            Assert.That(
                static () => Run("per_cpu"),
                Throws.TypeOf<MissingFromKernelException>().With.Message.StartsWith("program 'per_cpu' needs 'runqueues': this kernel does not know where its variables are (CONFIG_KALLSYMS_ALL)"));
            return;
        }

        using var loaded = Run("per_cpu");
        Assert.That(loaded.Variables["cpu_of_0"].As<int>().Value, Is.Zero);
        Assert.That(loaded.Variables["has_no_cpu"].As<int>().Value, Is.Zero, "NULL for a CPU that does not exist");
        Assert.That(loaded.Variables["has_this_cpu"].As<int>().Value, Is.EqualTo(1));
    }

    [Test]
    public void A_weak_variable_that_the_kernel_cannot_find_is_NULL()
    {
        using var loaded = Run("weak_per_cpu");
        var isKnown = File.ReadLines("/proc/kallsyms").Any(static l => l.EndsWith(" bpf_prog_active", StringComparison.Ordinal));
        Assert.That(loaded.Variables["knows_prog_active"].As<int>().Value, Is.EqualTo(isKnown ? 1 : 0));
    }

    [Test]
    public void Options_of_the_kernel_have_the_values_that_it_was_built_with()
    {
        using var loaded = Run("options");
        var release = File.ReadAllText("/proc/sys/kernel/osrelease").Split('.', '-');
        Assert.That(loaded.Variables["version"].As<ulong>().Value >> 8, Is.EqualTo((ulong.Parse(release[0], null) << 8) | ulong.Parse(release[1], null)));
        Assert.That(loaded.Variables["cpus"].As<uint>().Value, Is.GreaterThanOrEqualTo((uint)Environment.ProcessorCount));
        Assert.That(loaded.Variables["truth"].As<int>().Value, Is.EqualTo(1));
        Assert.That(loaded.Variables["missing"].As<int>().Value, Is.Zero);
        Assert.That(loaded.Variables["letter_of_bpf"].As<uint>().Value, Is.EqualTo('y'));
        Assert.That(loaded.Variables["tristate"].As<int>().Value, Is.EqualTo(1));
        Assert.That(loaded.Variables["first_letter"].As<uint>().Value, Is.Not.Zero);
        Assert.That(loaded.Variables["CONFIG_BPF_SYSCALL"].As<bool>().Value, Is.True);
    }

    [Test]
    public void An_option_that_was_set_before_the_load_is_not_asked_of_the_kernel()
    {
        using var loaded = Run("options", static spec =>
        {
            spec.Variables["CONFIG_NR_CPUS"].Set(77);
            spec.Variables["LINUX_KERNEL_VERSION"].Set(0x40404U);
        });
        Assert.That(loaded.Variables["cpus"].As<uint>().Value, Is.EqualTo(77));
        Assert.That(loaded.Variables["version"].As<ulong>().Value, Is.EqualTo(0x40404));
    }

    [Test]
    public void What_the_kernel_lacks_is_named_unless_it_is_weak()
    {
        var option = BpfObjectSpec.Parse(Rename("CONFIG_NR_CPUS", "CONFIG_NR_CATS"));
        Assert.That(
            () => BpfObject.Load(option),
            Throws.TypeOf<MissingFromKernelException>().With.Message.StartsWith("the programs need 'CONFIG_NR_CATS', which this kernel was built without"));
        var symbol = BpfObjectSpec.Parse(Rename("tcp_v4_rcv", "tcp_v9_rcv"));
        Assert.That(
            () => BpfObject.Load(symbol),
            Throws.TypeOf<MissingFromKernelException>().With.Message.StartsWith("program 'names' needs 'tcp_v9_rcv', which this kernel does not have"));
    }

    [Test]
    public void An_option_that_only_programs_need_that_are_not_enabled_may_be_missing()
    {
        var spec = BpfObjectSpec.Parse(Rename("CONFIG_NR_CPUS", "CONFIG_NR_CATS"));
        foreach (var program in spec.Programs.Values)
            program.IsEnabled = program.Name == "names";
        using (BpfObject.Load(spec))
        {
        }

        spec.Programs["options"].IsEnabled = true;
        Assert.That(() => BpfObject.Load(spec), Throws.TypeOf<MissingFromKernelException>().With.Property("Missing").EqualTo("CONFIG_NR_CATS"));
    }

    // The same object with another name of the same length, as if the source had it.
    private static byte[] Rename(string from, string to)
    {
        var file = TestObject.Read("externs");
        var (old, replacement) = (System.Text.Encoding.ASCII.GetBytes(from + '\0'), System.Text.Encoding.ASCII.GetBytes(to + '\0'));
        var count = 0;
        for (int at; (at = file.AsSpan().IndexOf(old)) >= 0; count++)
            replacement.CopyTo(file.AsSpan(at));
        Assert.That(count, Is.GreaterThanOrEqualTo(2), "in the types and among the symbols");
        return file;
    }

    private static BpfObject Run(string program, Action<BpfObjectSpec>? change = null)
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("externs"));
        change?.Invoke(spec);
        foreach (var other in spec.Programs.Values)
            other.IsEnabled = other.Name == program;
        var loaded = BpfObject.Load(spec);
        Assert.That(loaded.Programs[program].TestRun(new() { Data = s_packet }).ReturnValue, Is.Zero);
        return loaded;
    }
}
