using System.Runtime.InteropServices;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>What a thread gets that may not make maps.</summary>
[TestFixture]
internal sealed unsafe partial class MapPermissionTests
{
    [Test]
    public void A_thread_without_capabilities_is_told_which_one_is_missing()
    {
        Exception? refusal = null;
        var thread = new Thread(() =>
        {
            DropCapabilities();
            try
            {
                BpfMap.Create(MapSpec.LpmTrie<Ipv4Prefix, uint>("routes", 1)).Dispose();
            }
            catch (BpfException e)
            {
                refusal = e;
            }
        });
        thread.Start();
        thread.Join();
        Assert.That(refusal, Is.Not.Null);
        Assert.That(refusal!.Message, Is.EqualTo("create map 'routes' (LpmTrie): EPERM (CAP_BPF is missing; root has it)"));
    }

    // Of this thread alone: capabilities belong to threads. It ends right after.
    private static void DropCapabilities()
    {
        var header = stackalloc uint[2] { 0x20080522, 0 }; // version 3, myself
        var data = stackalloc uint[6]; // no capability, neither effective, permitted nor inheritable
        data[0] = data[1] = data[2] = data[3] = data[4] = data[5] = 0;
        Assert.That(capset(header, data), Is.Zero);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(uint* header, uint* data);
}
