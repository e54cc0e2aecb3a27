using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>
/// Frees slots that changes have replaced, once no program can be reading them: aside, so that nobody waits for the grace period but a change that finds no room.
/// </summary>
/// <param name="gracePeriod">What waits.</param>
/// <param name="gate">What allocators are used under.</param>
/// <param name="allocators">Whose slots.</param>
internal sealed class SlotReclaim(GracePeriod gracePeriod, Lock gate, params SlotAllocator[] allocators) : IDisposable
{
    /// <summary>A grace period is worth its price when this part of the slots waits for one.</summary>
    private const int WorthwhilePart = 8;

    private Task _running = Task.CompletedTask;

    /// <summary>Starts if it is worthwhile and does not run. Call it under the gate.</summary>
    /// <exception cref="LinuxException">The kernel refused the last time.</exception>
    public void Start()
    {
        if (!_running.IsCompleted)
            return;
        var last = _running;
        _running = Task.CompletedTask;
        last.GetAwaiter().GetResult();
        if (IsWorthwhile())
            _running = Task.Run(Reclaim);
    }

    /// <summary>Frees all at once. Call it under the gate.</summary>
    public void RunNow()
    {
        gracePeriod.Wait();
        foreach (var allocator in allocators)
            allocator.FreeRetired();
    }

    /// <summary>Waits for what runs. Not to be called under the gate.</summary>
    public void Dispose() => Task.WaitAny(_running);

    private bool IsWorthwhile() => Array.Exists(allocators, static allocator => allocator.Retired >= allocator.Capacity / WorthwhilePart);

    private void Reclaim()
    {
        bool isWorthwhile;
        do
        {
            RetiredSlots[] noted;
            lock (gate)
                noted = Array.ConvertAll(allocators, static allocator => allocator.NoteRetired());
            gracePeriod.Wait();
            lock (gate)
            {
                for (var i = 0; i < allocators.Length; i++)
                    allocators[i].FreeRetired(noted[i]);
                isWorthwhile = IsWorthwhile();
            }
        }
        while (isWorthwhile);
    }
}
