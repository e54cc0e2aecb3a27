using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

internal sealed class FileLocksTests
{
    private const string List = """
        1: FLOCK  ADVISORY  READ 11 00:1e:77 0 EOF
        2: POSIX  ADVISORY  WRITE 12 00:1e:77 0 EOF
        3: FLOCK  ADVISORY  WRITE 13 00:1e:78 0 EOF
        3: -> FLOCK  ADVISORY  WRITE 14 00:1e:78 0 EOF
        4: FLOCK  ADVISORY  WRITE 15 00:1e:79 0 EOF
        5: FLOCK  ADVISORY  WRITE 0 00:1e:80 0 EOF

        """;

    [TestCase("00:1e:77", null)]
    [TestCase("00:1e:78", 13)]
    [TestCase("00:1e:79", 15)]
    [TestCase("00:1e:80", null)]
    [TestCase("00:1e:7", null)]
    public void The_holder_is_who_has_it_for_itself_alone(string name, int? holder) => Assert.That(FileLocks.FindHolder(List, name), Is.EqualTo(holder));
}
