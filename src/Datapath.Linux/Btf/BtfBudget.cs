using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>Ends a walk over types that refer to each other without end, or that branch until it would take for ever.</summary>
internal sealed class BtfBudget
{
    private const int MaxDepth = 32;
    private int _left = 200_000;

    /// <exception cref="InvalidBpfObjectException">Too deep, or too many steps.</exception>
    public void Spend(int depth)
    {
        if (depth > MaxDepth || --_left < 0)
            throw new InvalidBpfObjectException("BTF: types contain each other without end");
    }
}
