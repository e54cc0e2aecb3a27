using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Variables that programs and user space share.</summary>
[TestFixture]
internal sealed class VariableTests
{
    private static readonly byte[] s_packet = new byte[64];
    private BpfObjectSpec _spec = null!;

    [SetUp]
    public void Parse() => _spec = BpfObjectSpec.Parse(TestObject.Read("variables"));

    [Test]
    public void What_a_program_writes_is_read_and_what_is_written_a_program_reads()
    {
        using var loaded = BpfObject.Load(_spec);
        var counter = loaded.Variables["counter"].As<ulong>();
        Assert.That(counter.Value, Is.Zero);
        Run(loaded);
        Run(loaded);
        Assert.That(counter.Value, Is.EqualTo(6), "twice a step of 3");
        counter.Value = ulong.MaxValue - 3;
        Run(loaded);
        Assert.That(counter.Value, Is.EqualTo(ulong.MaxValue));
        Assert.That(loaded.Variables["small"].As<ushort>().Value, Is.EqualTo(3));
    }

    [Test]
    public void Variables_of_all_sizes_start_with_what_the_source_says_or_the_caller_set()
    {
        _spec.Variables["limit"].Set(-7L);
        using var loaded = BpfObject.Load(_spec);
        Assert.That(loaded.Variables["enabled"].As<bool>().Value, Is.True);
        Assert.That(loaded.Variables["limit"].As<long>().Value, Is.EqualTo(-7));
        Run(loaded);
        Assert.That(loaded.Variables["points"].As<TwoPoints>().Value, Is.EqualTo(new TwoPoints(default, new(0, -4, 0))), "origin.z + limit");

        loaded.Variables["enabled"].As<bool>().Value = false;
        Assert.That(Run(loaded), Is.EqualTo('x'));
        loaded.Variables["letter"].As<byte>().Value = (byte)'y';
        Assert.That(Run(loaded), Is.EqualTo('y'), "a static variable");
    }

    [Test]
    public void A_type_that_does_not_keep_the_order_of_its_fields_is_refused()
    {
        const string Reason = "variable 'points': the runtime arranges the fields of ValueTuple`4 as it likes";
        Assert.That(() => _spec.Variables["points"].Get<(uint, uint, ulong, ulong)>(), Throws.ArgumentException.With.Message.StartsWith(Reason));
        using var loaded = BpfObject.Load(_spec);
        Assert.That(() => loaded.Variables["points"].As<(uint, uint, ulong, ulong)>(), Throws.TypeOf<MapLayoutException>().With.Message.Contains(Reason));
    }

    [Test]
    public void Bytes_of_a_variable_are_read_and_written_as_a_whole()
    {
        using var loaded = BpfObject.Load(_spec);
        var points = loaded.Variables["points"];
        var written = Enumerable.Range(1, points.Size).Select(static i => (byte)i).ToArray();
        points.Write(written);
        var read = new byte[points.Size];
        points.Read(read);
        Assert.That(read, Is.EqualTo(written));
        Assert.That(loaded.Variables["counter"].As<ulong>().Value, Is.Zero, "its neighbours are as they were");
        Assert.That(() => points.Write(new byte[4]), Throws.ArgumentException.With.Message.EqualTo("variable 'points' has 24 bytes, not 4"));
    }

    [Test]
    public void A_constant_is_set_before_the_load_and_read_after()
    {
        _spec.Variables["step"].Set(10U);
        using var loaded = BpfObject.Load(_spec);
        Run(loaded);
        Assert.That(loaded.Variables["counter"].As<ulong>().Value, Is.EqualTo(10));
        var step = loaded.Variables["step"].As<uint>();
        Assert.That(step.Value, Is.EqualTo(10));
        Assert.That(() => step.Value = 11, Throws.InvalidOperationException.With.Message.EqualTo("variable 'step' is a constant; set it before the load, in BpfObjectSpec.Variables"));
        Assert.That(() => loaded.Variables["step"].Write(new byte[4]), Throws.InvalidOperationException);
    }

    [Test]
    public void A_type_of_another_size_is_refused()
    {
        using var loaded = BpfObject.Load(_spec);
        Assert.That(
            () => loaded.Variables["small"].As<int>(),
            Throws.TypeOf<MapLayoutException>().With.Message.EndsWith("variable 'small' has 2 bytes, Int32 has 4"));
    }

    [Test]
    public void A_struct_of_other_fields_is_refused_and_the_first_that_differs_named()
    {
        using var loaded = BpfObject.Load(_spec);
        Assert.That(
            () => loaded.Variables["points"].As<Longs>(),
            Throws.TypeOf<MapLayoutException>().With.Message.EndsWith("variable 'points': 'points[0].x' is at 0 with 4 bytes, field 'First' of Longs at 0 with 8"));
    }

    [Test]
    public void A_type_with_padding_can_be_read_and_not_written()
    {
        Assert.That(
            () => _spec.Variables["points"].Set(new Padded { First = 1 }),
            Throws.ArgumentException.With.Message.EqualTo("variable 'points': Padded has 20 bytes of padding after field 'First'; make it a field of its own"));
        using var loaded = BpfObject.Load(_spec);
        var points = loaded.Variables["points"].As<Padded>();
        Assert.That(points.Value.First, Is.EqualTo(loaded.Variables["points"].As<TwoPoints>().Value.First.X));
        Assert.That(() => points.Value = default, Throws.TypeOf<MapLayoutException>().With.Message.Contains("20 bytes of padding after field 'First'"));
    }

    [Test]
    public void Disposing_the_object_ends_its_variables()
    {
        BpfVariable<ulong> used, unused;
        using (var loaded = BpfObject.Load(_spec))
        {
            (used, unused) = (loaded.Variables["counter"].As<ulong>(), loaded.Variables["limit"].As<ulong>());
            _ = used.Value;
        }

        Assert.That(() => used.Value, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => unused.Value, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Two_loads_share_no_variables()
    {
        using var first = BpfObject.Load(_spec);
        using var second = BpfObject.Load(_spec);
        Run(first);
        Assert.That((first.Variables["counter"].As<ulong>().Value, second.Variables["counter"].As<ulong>().Value), Is.EqualTo((3UL, 0UL)));
    }

    [Test]
    public void Reading_and_writing_allocates_nothing()
    {
        using var loaded = BpfObject.Load(_spec);
        var counter = loaded.Variables["counter"].As<ulong>();
        counter.Value = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            counter.Value++;
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(counter.Value, Is.EqualTo(100));
    }

    private static uint Run(BpfObject loaded) => (uint)loaded.Programs["count"].TestRun(new() { Data = s_packet }).ReturnValue;

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Point(int X, int Y, int Z);

    [StructLayout(LayoutKind.Sequential, Size = 24)]
    private struct Padded
    {
        public int First;
    }

    private readonly record struct Longs(long First, long Second, long Third);

    private readonly record struct TwoPoints(Point First, Point Second);
}
