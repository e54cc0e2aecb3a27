using Datapath.Linux.Elf;

namespace Datapath.Linux.Tests.Fuzzing;

/// <summary>The judge of readers itself.</summary>
public class FuzzRunTests
{
    [Test]
    public void A_reader_that_hangs_fails_by_the_name_of_its_case()
    {
        using var end = new ManualResetEventSlim();
        var inputs = 0;
        var run = new FuzzRun<InvalidBpfObjectException>("nothing", Read) { Longest = TimeSpan.FromMilliseconds(200) };
        try
        {
            Assert.That(() => run.Run([new byte[32]], 10, 7), Throws.TypeOf<AssertionException>().With.Message.Contains("nothing, case 2 of seed 7: does not end"));
        }
        finally
        {
            end.Set();
        }

        void Read(byte[] input)
        {
            if (++inputs == 4)
                end.Wait();
        }
    }
}
