using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>What views of elements under their lock ask the kernel for.</summary>
public unsafe class LockedElementTests
{
    private const ulong Lock = 4; // BPF_F_LOCK

    [Test]
    public void Every_read_and_write_of_values_asks_for_the_lock()
    {
        var asked = new List<(BpfCommand Command, ulong Flags)>();
        var kernel = new FakeKernel();
        foreach (var command in (BpfCommand[])[BpfCommand.MapLookupElem, BpfCommand.MapUpdateElem, BpfCommand.MapLookupAndDeleteElem, BpfCommand.MapDeleteElem])
            _ = kernel.On(command, (void* attr, ref int result) => Note(command, ((MapElementAttr*)attr)->Flags));
        foreach (var command in (BpfCommand[])[BpfCommand.MapLookupBatch, BpfCommand.MapTakeBatch, BpfCommand.MapUpdateBatch, BpfCommand.MapDeleteBatch])
            _ = kernel.On(command, (void* attr, ref int result) => Note(command, ((MapBatchAttr*)attr)->ElementFlags));
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();

        var hash = map.AsHash<uint, ulong>().UnderLock();
        _ = hash.TryGetValue(1, out _);
        hash.Set(1, 1);
        _ = hash.TryAdd(1, 1);
        _ = hash.TryReplace(1, 1);
        _ = hash.TryTake(1, out _);
        hash.SetAll([1], [1]);
        _ = hash.CopyTo(new uint[1], new ulong[1]);
        _ = hash.TakeAll();
        _ = hash.Remove(1);
        _ = hash.RemoveAll([1]);
        Assert.That(asked, Is.EqualTo(((BpfCommand, ulong)[])
        [
            (BpfCommand.MapLookupElem, Lock), // whether there is one
            (BpfCommand.MapLookupElem, Lock),
            (BpfCommand.MapUpdateElem, Lock),
            (BpfCommand.MapUpdateElem, Lock | MapCalls.OnlyNew),
            (BpfCommand.MapUpdateElem, Lock | MapCalls.OnlyExisting),
            (BpfCommand.MapLookupAndDeleteElem, Lock),
            (BpfCommand.MapUpdateBatch, Lock),
            (BpfCommand.MapLookupBatch, Lock),
            (BpfCommand.MapTakeBatch, Lock),
            (BpfCommand.MapDeleteElem, 0),
            (BpfCommand.MapDeleteBatch, 0),
        ]));

        Errno Note(BpfCommand command, ulong flags)
        {
            asked.Add((command, flags));
            return command is BpfCommand.MapLookupBatch or BpfCommand.MapTakeBatch ? Errno.ENOENT : Errno.None; // the end
        }
    }
}
