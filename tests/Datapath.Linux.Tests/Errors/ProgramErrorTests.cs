using System.Text;
using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>Loads that fail: what is said, and what is left.</summary>
[TestFixture]
internal sealed unsafe class ProgramErrorTests
{
    [Test]
    public void A_log_that_does_not_fit_is_asked_for_with_more_room()
    {
        var sizes = new List<uint>();
        using var play = new FakeKernel().On(BpfCommand.ProgLoad, Refuse).Play();
        var thrown = Assert.Throws<VerifierException>(static () => FakeObjects.Program().Dispose());
        Assert.That(sizes, Is.EqualTo((uint[])[0U, 1 << 20, 1 << 22]));
        Assert.That(thrown!.Message, Is.EqualTo("load program 'fake': EACCES (R0 !read_ok, at: return *value; @ drop.bpf.c:17)"));
        Assert.That(thrown.SourceLine, Is.EqualTo("return *value; @ drop.bpf.c:17"));

        Errno Refuse(void* attr, ref int result)
        {
            var load = (ProgLoadAttr*)attr;
            sizes.Add(load->LogSize);
            return load->LogSize switch
            {
                0 => Errno.EACCES,
                < 1 << 22 => Errno.ENOSPC,
                _ => Write(load, "; return *value; @ drop.bpf.c:17\n0: (95) exit\nR0 !read_ok\nprocessed 1 insns\n"),
            };
        }
    }

    [Test]
    public void A_log_without_end_is_given_up()
    {
        var kernel = new FakeKernel().On(BpfCommand.ProgLoad, static (void* attr, ref int result) => ((ProgLoadAttr*)attr)->LogSize == 0 ? Errno.EACCES : Errno.ENOSPC);
        using var play = kernel.Play();
        Assert.That(Assert.Throws<VerifierException>(static () => FakeObjects.Program().Dispose())!.Message, Does.EndWith("(the verifier's log does not fit 64 MiB)"));
    }

    // Linux 6.4 and later keep the end of a log that does not fit.
    [TestCase(Errno.E2BIG, 1)]
    [TestCase(Errno.EACCES, 4)]
    public void The_end_of_a_log_is_enough_if_all_of_it_cannot_be_had(object errno, int logs)
    {
        var kernel = new FakeKernel().On(BpfCommand.ProgLoad, Refuse);
        using var play = kernel.Play();
        var thrown = Assert.Throws<VerifierException>(static () => FakeObjects.Program().Dispose());
        Assert.That(thrown!.Message, Is.EqualTo($"load program 'fake': {errno} (the reason, at: x++; @ a.c:1)"));
        Assert.That(thrown.Log, Is.EqualTo(["(what comes before does not fit)", "; x++; @ a.c:1", "the reason", "processed 9 insns"]));
        Assert.That(kernel.CountOf(BpfCommand.ProgLoad), Is.EqualTo(1 + logs));

        Errno Refuse(void* attr, ref int result)
        {
            var load = (ProgLoadAttr*)attr;
            if (load->LogSize == 0)
                return (Errno)errno;
            _ = Write(load, "=half a line\n; x++; @ a.c:1\nthe reason\nprocessed 9 insns\n");
            return Errno.ENOSPC;
        }
    }

    [Test]
    public void A_program_that_passes_when_asked_why_not_stays_refused_and_is_closed()
    {
        var kernel = new FakeKernel();
        _ = kernel.On(BpfCommand.ProgLoad, PassWithLog);
        using var play = kernel.Play();
        var thrown = Assert.Throws<BpfException>(static () => FakeObjects.Program().Dispose());
        Assert.That((thrown!.Message, thrown.IsTransient), Is.EqualTo(("load program 'fake': ENOMEM", true)));
        Assert.That(kernel.Open, Is.Empty);

        Errno PassWithLog(void* attr, ref int result)
        {
            if (((ProgLoadAttr*)attr)->LogSize == 0)
                return Errno.ENOMEM;
            _ = Write((ProgLoadAttr*)attr, "0: (95) exit\nprocessed 1 insns\n"); // no reason for anything
            return kernel.Answer(BpfCommand.ProgLoad, attr, ref result);
        }
    }

    [Test]
    public void A_program_that_is_too_long_says_how_long_it_may_be()
    {
        using var play = new FakeKernel().FailAlways(BpfCommand.ProgLoad, Errno.E2BIG).Play();
        Assert.That(
            Assert.Throws<BpfException>(static () => FakeObjects.Program().Dispose())!.Message,
            Does.StartWith("load program 'fake': E2BIG (2 instructions are more than this kernel takes (1,000,000 since Linux 5.2"));
    }

    [Test]
    public void A_hook_that_the_kernel_lacks_is_named()
    {
        using var play = new FakeKernel().FailAlways(BpfCommand.ProgLoad, Errno.EINVAL).Play();
        Assert.That(
            Assert.Throws<FeatureNotSupportedException>(static () => FakeObjects.Program(ProgramType.CgroupSockAddr, AttachType.CgroupUdp4Recvmsg).Dispose())!.Feature,
            Is.SameAs(BpfFeature.RecvmsgHook));
    }

    // Whichever call fails, and however.
    [Test]
    public void A_load_that_fails_half_way_leaves_nothing(
        [Values(Errno.ENOMEM, Errno.EPERM, Errno.EINVAL, Errno.EMFILE, Errno.EACCES)] object errno)
    {
        var spec = BpfObjectSpec.Parse(SocketLbObject.Read());
        for (var call = 0; ; call++)
        {
            var kernel = new FakeKernel { Fault = (call, (Errno)errno) };
            using var play = kernel.Play();
            try
            {
                BpfObject.Load(spec).Dispose();
            }
            catch (Exception e) when (e is LinuxException or FeatureNotSupportedException)
            {
                Assert.That(kernel.Open, Is.Empty, $"call {call}, {kernel.Calls[call]}: {e.Message}");
                Assert.That(kernel.Pins, Is.Empty);
                continue;
            }

            Assert.That(kernel.Open, Is.Empty);
            Assert.That(kernel.Calls, Has.Count.EqualTo(call), "no failure was swallowed");
            Assert.That(call, Is.GreaterThan(20));
            break;
        }
    }

    // Its number stands in the instructions: closed, it could already be that of another.
    [Test]
    public void A_reused_map_that_its_owner_disposes_during_the_load_stays_open_until_programs_have_it()
    {
        using var stream = typeof(ProgramErrorTests).Assembly.GetManifestResourceStream("filled.bpf.o")!;
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        var spec = BpfObjectSpec.Parse(file);
        spec.Maps["shared"].Pinning = MapPinning.None;
        BpfMap? reused = null;
        FileInfo? descriptor = null;
        string? target = null;
        var wasOpen = new List<bool>();
        var kernel = new FakeKernel();
        using var play = kernel.On(BpfCommand.ProgLoad, Load).Play();
        reused = BpfMap.Create(MapSpec.Array<ulong>("hidden", 2));
        descriptor = new($"/proc/self/fd/{(int)reused.Handle.DangerousGetHandle()}");
        target = descriptor.LinkTarget;
        Assert.That(
            () => BpfObject.Load(spec, new() { ReusedMaps = new Dictionary<string, BpfMap> { ["hidden"] = reused } }).Dispose(),
            Throws.TypeOf<ObjectDisposedException>(), "it is to be put into a map of maps later");
        Assert.That(wasOpen, Is.Not.Empty.And.All.True);
        Assert.That(kernel.Open, Is.Empty);

        Errno Load(void* attr, ref int result)
        {
            reused!.Dispose();
            wasOpen.Add(new FileInfo(descriptor!.FullName).LinkTarget == target);
            return kernel.Answer(BpfCommand.ProgLoad, attr, ref result);
        }
    }

    private static Errno Write(ProgLoadAttr* attr, string log)
    {
        Encoding.UTF8.GetBytes(log + '\0').CopyTo(new Span<byte>((void*)attr->LogBuffer, (int)attr->LogSize));
        return Errno.EACCES;
    }
}
