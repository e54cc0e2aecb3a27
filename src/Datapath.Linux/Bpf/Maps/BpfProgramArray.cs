namespace Datapath.Linux.Bpf;

/// <summary>
/// Programs that others jump to (tail calls). Does not own the map. The first program decides of which type all others must be. The kernel
/// empties the array when the last descriptor and pin of it are gone, even while programs still use it.
/// </summary>
/// <remarks>Minimum kernel: 4.13, as <see cref="BpfMap"/>.</remarks>
public sealed unsafe class BpfProgramArray
{
    private readonly MapCalls _calls;

    internal BpfProgramArray(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.ProgramArray, map.Info, "is no array of programs");
        (_calls, Count) = (new(map), (int)map.Info.MaxEntries);
    }

    /// <summary>The number of places.</summary>
    public int Count { get; }

    /// <summary>Puts a program at an index, in place of what was there. The array keeps it alive.</summary>
    /// <param name="index">Where.</param>
    /// <param name="program">The program.</param>
    /// <exception cref="BpfException">
    /// The kernel refused: <see cref="Errno.EINVAL"/> if the program is of another type than those before, <see cref="Errno.E2BIG"/> if there is
    /// no such place.
    /// </exception>
    public void Set(uint index, BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        using var lease = program.Handle.Lease();
        var fd = lease.Fd;
        var errno = _calls.Update(&index, &fd);
        if (errno is Errno.EINVAL)
        {
            throw new BpfException(
                $"put program '{program.Name}' at {index} of map '{_calls.Name}'",
                errno,
                $"it is a {(program.AttachType is null ? $"{program.Type}" : program.Kind)}, and all programs of an array are of the kind and the hook of the first");
        }

        _calls.ThrowIfRefused(errno, $"put program '{program.Name}' at {index} of map '{_calls.Name}'");
    }

    /// <summary>Removes the program at an index: jumps to it fall through.</summary>
    /// <param name="index">Where.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.E2BIG"/> if there is no such place.</exception>
    public bool Remove(uint index)
    {
        var errno = _calls.Delete(&index);
        if (errno is Errno.ENOENT)
            return false;
        _calls.ThrowIfRefused(errno, $"remove the program at {index} of map '{_calls.Name}'");
        return true;
    }

    /// <summary>The number of the program at an index (<see cref="BpfProgram.Id"/>).</summary>
    /// <param name="index">Where.</param>
    /// <param name="id">The program's number, or 0.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryGetId(uint index, out uint id)
    {
        uint found = 0;
        var errno = _calls.Lookup(&index, &found);
        id = found;
        if (errno is Errno.ENOENT)
            return false;
        _calls.ThrowIfRefused(errno, $"look up the program at {index} of map '{_calls.Name}'");
        return true;
    }
}
