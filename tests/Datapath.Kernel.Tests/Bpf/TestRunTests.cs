using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs that run on packets of the test's choice.</summary>
[TestFixture]
internal sealed class TestRunTests
{
    private static readonly byte[] s_packet = [.. Enumerable.Range(0, 64).Select(static i => (byte)i)];

    [TestCase(-1)]
    [TestCase(int.MaxValue)]
    public void Room_for_a_packet_that_no_packet_needs_is_refused(int capacity)
    {
        using var program = TestPrograms.Return(2, ProgramType.Xdp);
        Assert.That(
            () => program.TestRun(new() { Data = new byte[64], DataCapacity = capacity }),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.StartsWith("DataCapacity is at least 0, at most 16777216 (Parameter 'options')"));
    }

    [Test]
    public void What_a_program_returns_and_leaves_comes_back([Values(ProgramType.Xdp, ProgramType.SchedClassifier)] ProgramType type)
    {
        using var program = TestPrograms.Return(2, type);
        var result = program.TestRun(new() { Data = s_packet });
        Assert.That(result.ReturnValue, Is.EqualTo(2));
        Assert.That(result.Data, Is.EqualTo(s_packet));
        Assert.That(result.Context, Is.Empty);
    }

    // r2 = data, r3 = data_end; if data + 14 > data_end return 0; data[0] = 0xaa; return 2
    [Test]
    public void A_change_of_the_packet_comes_back()
    {
        using var program = TestPrograms.Load(
            "change", ProgramType.Xdp, default, 0x0000_1261, 0x0004_1361, 0x24bf, 0x0000000e_00000407, 0x0003_342d, 0x000000aa_00000272, 0x00000002_000000b7, 0x95, 0xb7, 0x95);
        var result = program.TestRun(new() { Data = s_packet, Repeat = 1000 });
        Assert.That(result.ReturnValue, Is.EqualTo(2));
        Assert.That(result.Data, Is.EqualTo((byte[])[0xaa, .. s_packet[1..]]));
    }

    // *(u32 *)(ctx + 8) += 1, the mark of a __sk_buff; return -1
    [Test]
    public void A_context_goes_in_and_comes_back()
    {
        using var program = TestPrograms.Load(
            "mark", ProgramType.SchedClassifier, default, 0x0008_1261, 0x00000001_00000207, 0x0008_2163, 0xffffffff_000000b7, 0x95);
        var context = new byte[192];
        context[8] = 41;
        var result = program.TestRun(new() { Data = s_packet, Context = context });
        Assert.That(result.ReturnValue, Is.EqualTo(-1));
        Assert.That(BitConverter.ToUInt32([.. result.Context], 8), Is.EqualTo(42));
    }

    [Test]
    public void A_packet_filter_of_cgroups_runs_too()
    {
        using var program = TestPrograms.Return(1, ProgramType.CgroupSkb);
        Assert.That(program.TestRun(new() { Data = s_packet }).ReturnValue, Is.EqualTo(1));
    }

    [Test]
    public void A_result_without_room_is_refused()
    {
        using var program = TestPrograms.Return(2, ProgramType.Xdp);
        Assert.That(
            () => program.TestRun(new() { Data = s_packet, DataCapacity = 10 }),
            Throws.TypeOf<BpfException>().With.Message.EndsWith("ENOSPC (what the program leaves has 64 bytes, and DataCapacity is 10)"));
    }

    [Test]
    public void A_context_shorter_than_that_of_the_kind_is_refused()
    {
        using var program = TestPrograms.Return(2, ProgramType.SchedClassifier);
        Assert.That(
            () => program.TestRun(new() { Data = s_packet, Context = new byte[100] }),
            Throws.TypeOf<BpfException>().With.Message.Match(@"ENOSPC \(the context of a SchedClassifier has 1\d\d bytes; give Context as many\)$"));
    }

    [Test]
    public void A_packet_shorter_than_its_header_is_refused([Values(ProgramType.Xdp, ProgramType.SchedClassifier)] ProgramType type)
    {
        using var program = TestPrograms.Return(2, type);
        Assert.That(
            () => program.TestRun(new() { Data = new byte[13] }),
            Throws.TypeOf<BpfException>().With.Message.StartsWith("run program 'return_2' on 13 bytes of data and 0 of context: EINVAL (a packet has 14 bytes or more, its Ethernet header first)"));
    }

    [Test]
    public void A_kind_that_cannot_run_so_is_named()
    {
        using var program = TestPrograms.Return(1, ProgramType.CgroupSock);
        Assert.That(
            () => program.TestRun(new() { Data = s_packet }),
            Throws.TypeOf<NotSupportedException>().With.Message.EqualTo("this kernel cannot run a CgroupSock as a test (program 'return_1')"));
    }

    [Test]
    public void A_repeated_run_says_how_long_one_takes()
    {
        using var program = TestPrograms.Return(2, ProgramType.Xdp);
        Assert.That(program.TestRun(new() { Data = s_packet, Repeat = 100_000 }).Nanoseconds, Is.InRange(1, 1_000_000));
    }
}
