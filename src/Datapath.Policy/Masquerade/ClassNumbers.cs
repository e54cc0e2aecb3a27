using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Gives classes their numbers, in the order in which they are asked for.</summary>
internal sealed class ClassNumbers<T> where T : struct
{
    private readonly Dictionary<T, int> _numbers = [];

    public int Count => _numbers.Count;

    public ImmutableArray<T> InOrder => [.. _numbers.OrderBy(static pair => pair.Value).Select(static pair => pair.Key)];

    public int Of(T item)
    {
        if (!_numbers.TryGetValue(item, out var number))
            _numbers.Add(item, number = _numbers.Count);
        return number;
    }
}
