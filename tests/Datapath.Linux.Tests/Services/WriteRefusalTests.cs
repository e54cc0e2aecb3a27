using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

public class WriteRefusalTests
{
    [TestCase(MapFlags.None, Errno.E2BIG, "map 'm' is full (7 sets): raise maxSets")]
    [TestCase(MapFlags.NoPrealloc, Errno.E2BIG, "map 'm' is full (7 sets): raise maxSets")]
    [TestCase(MapFlags.NoPrealloc, Errno.ENOMEM, "map 'm': the kernel has no memory for another element at the moment (ENOMEM); it is tried again")]
    [TestCase(MapFlags.None, Errno.ENOMEM, "map 'm': the kernel has no memory for another element (ENOMEM); a memory limit of this process's cgroup may be reached")]
    [TestCase(MapFlags.None, Errno.EBUSY, "update map 'm': EBUSY")]
    public void Names_the_map_and_what_to_do(MapFlags flags, Errno errno, string expected) =>
        Assert.That(WriteRefusal.Of(new(1, "m", MapType.Hash, 8, 8, 7, flags), errno, "sets", "maxSets"), Is.EqualTo(expected));
}
