using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>What is done about interruptions where bpf(2) is entered, and who stands in for the kernel.</summary>
[TestFixture]
internal sealed unsafe class DoorTests
{
    [TestCase(1)]
    [TestCase(30)]
    public void An_interrupted_verification_is_asked_for_again(int interruptions)
    {
        var kernel = new FakeKernel().Fail(BpfCommand.ProgLoad, [.. Enumerable.Repeat(Errno.EAGAIN, interruptions)]);
        using var play = kernel.Play();
        FakeObjects.Program().Dispose();
        Assert.That(kernel.CountOf(BpfCommand.ProgLoad), Is.EqualTo(interruptions + 1));
        Assert.That(kernel.Open, Is.Empty);
    }

    [Test]
    public void A_verification_that_is_always_interrupted_ends()
    {
        var kernel = new FakeKernel().FailAlways(BpfCommand.ProgLoad, Errno.EAGAIN);
        using var play = kernel.Play();
        var thrown = Assert.Throws<BpfException>(() => FakeObjects.Program().Dispose());
        Assert.That(thrown!.Message, Is.EqualTo("load program 'fake': EAGAIN (signals kept interrupting the verifier)"));
        Assert.That(thrown.IsTransient, Is.True);
        Assert.That(kernel.CountOf(BpfCommand.ProgLoad), Is.EqualTo(31));
    }

    [Test]
    public void Interrupted_repetitions_of_a_program_are_asked_for_again()
    {
        var answers = new Queue<Errno>([Errno.EINTR, Errno.EINTR, Errno.None]);
        var kernel = new FakeKernel().On(BpfCommand.ProgTestRun, Next);
        using var play = kernel.Play();
        using var program = FakeObjects.Program();
        _ = program.TestRun(new() { Data = new byte[14], Repeat = 1000 });
        Assert.That(kernel.CountOf(BpfCommand.ProgTestRun), Is.EqualTo(3));

        Errno Next(void* attr, ref int result) => answers.Dequeue();
    }

    [Test]
    public void Nothing_else_is_asked_twice()
    {
        var kernel = new FakeKernel().FailAlways(BpfCommand.MapCreate, Errno.EAGAIN);
        using var play = kernel.Play();
        var thrown = Assert.Throws<BpfException>(() => FakeObjects.Hash().Dispose());
        Assert.That(thrown!.IsTransient, Is.True);
        Assert.That(kernel.CountOf(BpfCommand.MapCreate), Is.EqualTo(1));
    }

    [Test]
    public void A_double_answers_one_thread_until_its_play_ends()
    {
        var kernel = new FakeKernel();
        using (kernel.Play())
        {
            Assert.That(KernelDouble.Current, Is.SameAs(kernel));
            KernelDouble? elsewhere = kernel;
            var thread = new Thread(() => elsewhere = KernelDouble.Current);
            thread.Start();
            thread.Join();
            Assert.That(elsewhere, Is.Null);
        }

        Assert.That(KernelDouble.Current, Is.Null);
    }
}
